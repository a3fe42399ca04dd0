"""gptel in several versions, each laid out in a folder of its own; and what else lies in a folder of checkouts."""

import pathlib
import shutil
import subprocess
import sys

# What must be there, and where its files come from. They are GPL and change at their own pace: never part of this tree.
REPOSITORIES = {
    "gptel": "git clone of karthink/gptel, with its tags",
    "gptel-test": "git clone of karthink/gptel-test, gptel's own suite",
    "gptel-agent": "git clone of karthink/gptel-agent",
    "llm": "git clone of ahyatt/llm",
}
TAGS = ("v0.9.9.3", "v0.9.9.4", "v0.9.9.5")


def git(repository, *arguments):
    done = subprocess.run(["git", "-C", repository, *arguments], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else None


def missing(folder):
    """What FOLDER lacks, in a line each."""
    absent = [f"{name} ({what})" for name, what in REPOSITORIES.items()
              if not (folder / name / ".git").exists() or git(folder / name, "rev-parse", "HEAD") is None]
    if (folder / "gptel/.git").exists():
        absent += [f"the tag {tag} in gptel (git fetch --tags)" for tag in TAGS
                   if git(folder / "gptel", "rev-parse", f"{tag}^{{commit}}") is None]
    return absent


def export(repository, revision, target):
    """Writes the files of REPOSITORY as they are in REVISION to TARGET. A working tree may hold anything."""
    target.mkdir(parents=True)
    subprocess.run(["tar", "-x", "-C", target], input=git(repository, "archive", revision), check=True)


def lisp(folder):
    """The Lisp sources in FOLDER, but not what package.el has written there, and no .dir-locals.el."""
    return [it for it in sorted(folder.glob("[!.]*.el")) if not it.name.endswith(("-autoloads.el", "-pkg.el"))]


def sources(folder, target):
    """Copies the Lisp sources of FOLDER to TARGET, and nothing that was compiled."""
    target.mkdir(parents=True)
    for file in lisp(folder):
        shutil.copy(file, target)


def compile_bytes(emacs, folders):
    """Byte-compiles what FOLDERS hold. Other people's warnings are theirs."""
    files = [file for folder in folders for file in lisp(folder)]
    run_quietly([*emacs, *paths(folders), "-f", "batch-byte-compile", *files], "byte-compile")


def compile_natively(emacs, folders, eln):
    """Compiles what FOLDERS hold to machine code in ELN, with its bytes beside the source: Emacs looks for both."""
    compile_bytes(emacs, folders)
    form = "(dolist (file command-line-args-left) (native-compile file))"
    files = [file for folder in folders for file in lisp(folder)]
    run_quietly([*emacs, *native(eln), *paths(folders), "--eval", form, *files], "compile natively")


def native(eln):
    """The arguments that let Emacs find, and put, machine code in ELN."""
    return ["--eval", f'(push "{eln}/" native-comp-eln-load-path)']


def paths(folders):
    """The arguments that put FOLDERS on the load path, the first first."""
    return [word for folder in folders for word in ("-L", folder)]


def run_quietly(command, what):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"llm-switch: checkouts: could not {what}:\n" + "\n".join(done.stdout.splitlines()[-15:]))


def installed(packages):
    """The folder of the gptel that is installed in PACKAGES, and its version."""
    folder = next(pathlib.Path(packages).glob("gptel-[0-9]*"))
    return folder, folder.name.removeprefix("gptel-")
