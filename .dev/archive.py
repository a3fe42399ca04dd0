"""Makes a package archive, as package.el reads it, of unpacked Debian elpa-* packages.

    archive.py UNPACKED FOLDER

An archive is a folder with a tar for each package and the file `archive-contents`, which lists them. Emacs's own newer
seq.el (from the package emacs-el) goes in as well: transient wants it, and Emacs 28 has an older one.
"""

import gzip
import io
import pathlib
import re
import sys
import tarfile

ARCHIVE_VERSION = 1
SEQ_SUMMARY = "Sequence manipulation functions"


def add(tar, name, content):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def write_package(folder, name, version, files):
    """Writes FILES (relative path: bytes) as NAME-VERSION.tar into FOLDER."""
    with tarfile.open(folder / f"{name}-{version}.tar", "w", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in sorted(files.items()):
            add(tar, f"{name}-{version}/{path}", content)


def entry(name, version, requirements, summary):
    """The line of archive-contents; REQUIREMENTS is Lisp text with versions as strings."""
    listed = re.sub(r'"([\d.]+)"', lambda match: f"({version_list(match[1])})", requirements)
    return f'({name} . [({version_list(version)}) {listed} "{summary}" tar nil])'


def version_list(version):
    return " ".join(str(int(part)) for part in version.split("."))


def elpa_package(source, folder):
    """Packs the unpacked package SOURCE; its tests stay out, since some signal an error when compiled."""
    name, version = source.name.rsplit("-", 1)
    description = (source / f"{name}-pkg.el").read_text()
    # (define-package NAME VERSION SUMMARY 'REQUIREMENTS …)
    summary, requirements = re.search(r'"(.*?)" \'(nil|\(\(.*?\)\))', description.split(f'"{version}"', 1)[1]).groups()
    write_package(folder, name, version, {
        str(file.relative_to(source)): file.read_bytes()
        for file in source.rglob("*") if file.is_file() and not file.name.endswith(("-tests.el", "-autoloads.el"))})
    return entry(name, version, requirements, summary)


def seq_package(source, folder):
    """Packs Emacs's own seq.el, gzipped at SOURCE."""
    text = gzip.decompress(source.read_bytes())
    version = re.search(rb"^;; Version: ([\d.]+)", text, re.M)[1].decode()
    description = f'(define-package "seq" "{version}" "{SEQ_SUMMARY}" nil)\n'
    write_package(folder, "seq", version, {"seq.el": text, "seq-pkg.el": description.encode()})
    return entry("seq", version, "nil", SEQ_SUMMARY)


def main(unpacked, folder):
    unpacked, folder = pathlib.Path(unpacked), pathlib.Path(folder)
    folder.mkdir(parents=True)
    emacs = unpacked / "usr/share/emacs"
    entries = [elpa_package(source, folder) for source in sorted(emacs.glob("site-lisp/elpa-src/*"))]
    entries += [seq_package(source, folder) for source in emacs.glob("*/lisp/emacs-lisp/seq.el.gz")]
    (folder / "archive-contents").write_text("\n".join([f"({ARCHIVE_VERSION}", *entries]) + ")\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
