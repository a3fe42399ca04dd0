"""Measures the module against gptel's own transport, curl, in one Emacs; prints a table and writes JSON.

    bench.py SIMULATOR MODULE RESULT EMACS-COMMAND…

SIMULATOR is the program, MODULE the native module and RESULT the file for the JSON. The command starts an Emacs that has
llm-switch-bench.el and all that it needs; `-nw` or `--batch` is added to it.
"""

import contextlib
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import emacs
import report
from report import Figure

SIDES = ("module", "curl")
FRESH_STARTS = 9
FRESH_CHATS = 3
MEGABYTE = 1e6

# Of each kind of stream: rounds, words of an answer, words a second (0: full speed), chats at once, whether one types.
STREAMS = {
    "short": (15, 5, 0, 1, False),
    "human": (3, 1000, 100, 1, False),
    "fast": (9, 2000, 0, 1, False),
    "eight": (3, 300, 50, 8, False),
    "typing": (1, 2000, 100, 8, True),
}


def say(text):
    print(f"llm-switch: {text}", file=sys.stderr)


@contextlib.contextmanager
def simulator(program):
    """The base URL of a simulator. It ends when its standard input does, and so with us in any case."""
    with subprocess.Popen([program, "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().removeprefix("listening on ").strip()
        process.stdin.close()


def streams(measured, url, rounds, words, rate, count, typing):
    """What both sides tell of each round, turn about so that what else the machine does meets both."""
    samples = {side: [] for side in SIDES}
    for side in SIDES * rounds:
        samples[side].append(measured.ask("llm-switch-bench-stream", side, url, words, rate, count, typing, typing=typing))
    return samples


def in_a_terminal(command, url):
    """The samples of each kind of stream."""
    measured = emacs.Emacs(command)
    streams(measured, url, *STREAMS["short"])  # not counted: the first request of an Emacs loads and connects
    samples = {}
    for kind, (rounds, *how) in STREAMS.items():
        say(f"measuring: {kind}")
        samples[kind] = streams(measured, url, rounds, *how)
    measured.end()
    return samples


def in_batch(command, module, url):
    """The load times of MODULE in seconds, and the memory that each side adds in bytes, (resident, private)."""
    say("measuring: fresh starts")
    loads = [float(emacs.batch(command, "llm-switch-bench-load-time", module)) for _ in range(FRESH_STARTS)]
    memory = {side: [] for side in SIDES}
    for side in SIDES * FRESH_CHATS:
        printed = emacs.batch(command, "llm-switch-bench-memory", side, url)
        memory[side].append([int(number) for number in printed.strip("()").split()])
    return loads, memory


def median(samples, value, scale=1000):
    """The median of each side's VALUEs, functions of a sample, in SCALEths: seconds become milliseconds."""
    return [statistics.median(map(value, samples[side])) * scale for side in SIDES]


def per_thousand(kind, field):
    """A function of a sample of KIND: the CPU seconds of FIELD for a thousand words."""
    _, words, _, count, _ = STREAMS[kind]
    return lambda sample: sample[field] * 1000 / (words * count)


def stream_figures(samples):
    """The figures of in_a_terminal."""
    first, wall = (lambda sample: sample["first"][0]), (lambda sample: sample["wall"][0])
    main, everything = (lambda sample: sample["main"]), (lambda sample: sample["all"])
    return [
        Figure("time to first token, ms", *median(samples["short"], first), times_less=10, decimals=2),
        Figure("main-thread CPU ms per 1,000 tokens:", None),
        Figure("  at 100 tokens/s", *median(samples["human"], per_thousand("human", "main")), times_less=2.5),
        Figure("    with all threads and children", *median(samples["human"], per_thousand("human", "all"))),
        Figure("  at full speed", *median(samples["fast"], per_thousand("fast", "main")), times_less=15, decimals=2),
        Figure("    with all threads and children", *median(samples["fast"], per_thousand("fast", "all"))),
        Figure("8 streams at 50/s, main-thread CPU ms", *median(samples["eight"], main), times_less=2.5),
        Figure("  with all threads and children", *median(samples["eight"], everything)),
        Figure("wall for 2,000 chunks, ms", *median(samples["fast"], wall)),
    ]
