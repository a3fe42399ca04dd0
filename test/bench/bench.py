"""Measures the module against gptel's own transport, curl, in one Emacs; prints a table and writes JSON.

    bench.py SIMULATOR MODULE RESULT EMACS…

SIMULATOR is the program, MODULE the file of the native module and RESULT the file for the JSON. EMACS is a command with
llm-switch-bench.el and all that it needs; it gets `-nw` or `--batch` besides.
"""

import contextlib
import os
import pathlib
import platform
import subprocess
import sys
import tempfile

import emacs
import figures
import report

# Turn about in each round, so that what else the machine does meets both.
SIDES = ("module", "curl")
# Of each kind: rounds, words of an answer, words a second (0: full speed), chats at once, whether one types meanwhile.
STREAMS = {
    "short": (15, 5, 0, 1, False),
    "human": (3, 1000, 100, 1, False),
    "fast": (9, 2000, 0, 1, False),
    "eight": (3, 300, 50, 8, False),
    "typing": (1, 2000, 100, 8, True),
}
FRESH_LOADS = 9
FRESH_CHATS = 3


def say(text):
    print(f"llm-switch: {text}", file=sys.stderr)


@contextlib.contextmanager
def simulator(program):
    """The base URL of a simulator. It ends when its standard input does, and so with us in any case."""
    with subprocess.Popen([program, "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().removeprefix("listening on ").strip()
        process.stdin.close()


def streams(measured, url, rounds, words, rate, count, typing):
    """What each side tells of each round."""
    samples = {side: [] for side in SIDES}
    for side in SIDES * rounds:
        told = measured.ask("llm-switch-bench-stream", side, url, words, rate, count, typing, typing=typing)
        samples[side].append(told | {"chats": count, "tokens": count * words})
    return samples


def in_a_terminal(command, url):
    """The samples of each kind of stream."""
    measured = emacs.Emacs(command)
    streams(measured, url, *STREAMS["short"])  # not counted: an Emacs's first requests load and connect
    samples = {}
    for kind, how in STREAMS.items():
        say(f"measuring streams: {kind}")
        samples[kind] = streams(measured, url, *how)
    measured.end()
    return samples


def in_batch(command, module, url):
    """The times to load MODULE, seconds, and the memory that an answer adds on each side, (resident, private) bytes."""
    say("measuring fresh starts")
    loads = [float(emacs.batch(command, "llm-switch-bench-load-time", module)) for _ in range(FRESH_LOADS)]
    memory = {side: [] for side in SIDES}
    for side in SIDES * FRESH_CHATS:
        memory[side].append([int(number) for number in emacs.batch(command, "llm-switch-bench-memory", side, url).split()])
    return loads, memory


def environment(command):
    """The machine and the versions of what was measured on it."""
    versions = emacs.batch(command, "llm-switch-bench-versions").split()
    return {
        "kernel": platform.release(), "processors": os.cpu_count(), "load": os.getloadavg(),
        "emacs": versions[0], "gptel": versions[1],
        "curl": subprocess.run(["curl", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[1],
    }


def main(program, module, result, *command):
    with simulator(program) as url, tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(f'[provider.sim]\nbase-url = "{url}"\n')
        config.flush()
        command = [*command, "--eval", f"(setq llm-switch-config-file {emacs.lisp(config.name)})"]
        about = environment(command)
        loads, memory = in_batch(command, module, url)
        samples = in_a_terminal(command, url)
    size = os.path.getsize(module)
    found = figures.of_streams(samples) + figures.of_fresh(loads, size, memory)
    beside = {"about": about, "streams": samples, "load-seconds": loads, "memory-bytes": memory}
    pathlib.Path(result).write_text(report.as_json(found, **beside))
    print("\nEmacs {emacs} in a terminal, gptel {gptel}, curl {curl}, {processors} processors".format(**about))
    print("Medians; CPU is that of Emacs's main thread.\n")
    print(report.table(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
