"""Measures the module in one Emacs with its peers, gptel's own transport, curl, and mcp.el; prints tables, writes JSON.

    bench.py SIMULATOR SERVER MODULE RESULT EMACS…

SIMULATOR and SERVER are programs, the latter one of MCP; MODULE is the file of the native module and RESULT that for the
JSON. EMACS is a command with llm-switch-bench.el and all that it needs; it gets `-nw` or `--batch` besides. mcp.el takes
part where MCP_EL is set, which says that Emacs finds it.
"""

import contextlib
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
from typing import NamedTuple

import emacs
import figures
import long
import report
import tools

# Turn about in each round, so that what else the machine does meets both.
SIDES = ("module", "curl")
TOOL_SIDES = ("module", "mcp.el") if os.environ.get("MCP_EL") else ("module",)
FIRST_WORDS = 15


class Streams(NamedTuple):
    """A kind of measurement: COUNT chats at once, each answered with WORDS words."""

    rounds: int
    words: int
    # A second; 0 is full speed.
    rate: int
    count: int = 1
    # About OpenAI's. Those of most local servers have less than 256: see llm-switch-bench-chat--script.
    event_bytes: int = 300
    typing: bool = False


STREAMS = {
    "human": Streams(rounds=3, words=500, rate=100),
    "human, small events": Streams(rounds=3, words=500, rate=100, event_bytes=200),
    "fast": Streams(rounds=9, words=2000, rate=0),
    "eight": Streams(rounds=3, words=300, rate=50, count=8),
    "typing": Streams(rounds=1, words=2000, rate=100, count=8, typing=True),
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


def first_words(measured, url):
    """What each side tells of first words."""
    samples = {side: [] for side in SIDES}
    for side in SIDES * FIRST_WORDS:
        samples[side].append(measured.ask("llm-switch-bench-first", side, url))
    return samples


def streams(measured, url, kind):
    """What each side tells of the streams of KIND."""
    samples = {side: [] for side in SIDES}
    for side in SIDES * kind.rounds:
        told = measured.ask("llm-switch-bench-stream", side, url, kind.words, kind.rate, kind.event_bytes,
                            kind.count, kind.typing, typing=kind.typing)
        samples[side].append(told | {"chats": kind.count, "tokens": kind.count * kind.words})
    return samples


def in_a_terminal(command, url, server):
    """The samples of first words and of each kind of streams, those of a long chat, and those of the tools of SERVER."""
    measured = emacs.Emacs(command)
    say("measuring tool calls")
    called = tools.samples(measured, server, TOOL_SIDES)
    first_words(measured, url)  # not counted: an Emacs's first requests load and connect
    samples = {"first": first_words(measured, url)}
    for name, kind in STREAMS.items():
        say(f"measuring streams: {name}")
        samples[name] = streams(measured, url, kind)
    say("measuring a chat of 5 MB")
    long_chat = long.samples(measured, url, SIDES)
    measured.end()
    return samples, long_chat, called


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


def main(program, server, module, result, *command):
    with simulator(program) as url, tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(f'[provider.sim]\nbase-url = "{url}"\n{tools.configuration(server)}')
        config.flush()
        command = [*command, "--eval", f"(setq llm-switch-config-file {emacs.lisp(config.name)})"]
        about = environment(command)
        loads, memory = in_batch(command, module, url)
        samples, long_chat, called = in_a_terminal(command, url, server)
    size = os.path.getsize(module)
    found = figures.of_streams(samples) + figures.of_fresh(loads, size, memory)
    of_long, of_tools = figures.of_long(long_chat, samples), figures.of_tools(called)
    beside = {"about": about, "terminal": samples, "long": long_chat, "tools": called, "load-seconds": loads,
              "memory-bytes": memory}
    pathlib.Path(result).write_text(report.as_json(found + of_long + of_tools, **beside))
    print("\nEmacs {emacs} in a terminal, gptel {gptel}, curl {curl}, {processors} processors".format(**about))
    print("Medians; CPU is that of Emacs's main thread.\n")
    print(report.table(found, "curl"))
    print("\nOne more question in a chat of 5 MB\n")
    print(report.table(of_long, "curl"))
    print("\nTools of an MCP server" + ("" if len(TOOL_SIDES) > 1 else "; MCP_EL=folder of mcp.el measures that too") + "\n")
    print(report.table(of_tools, "mcp.el"))


if __name__ == "__main__":
    main(*sys.argv[1:])
