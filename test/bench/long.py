"""One more question in a chat of 5 MB: what it costs to send it, and to have it answered."""

import sys
from typing import NamedTuple


class Long(NamedTuple):
    """A kind of measurement: a chat in MODE, maybe with an answer that is a LINE of 120 KB, gets WORDS words more."""

    rounds: int
    words: int = 5
    # A second; 0 is full speed.
    rate: int = 0
    mode: str = "text-mode"
    line: bool = False


KINDS = {
    "send": Long(rounds=3),
    "send, line": Long(rounds=3, line=True),
    "send, org": Long(rounds=3, mode="org-mode"),
    "send, org, line": Long(rounds=3, mode="org-mode", line=True),
    "human": Long(rounds=2, words=500, rate=100),
    # All that the simulator says is one line, and 20,000 words are more than 120 KB.
    "fast": Long(rounds=3, words=20_000),
    "fast, org": Long(rounds=3, words=20_000, mode="org-mode"),
}


def samples(measured, url, sides):
    """What each of SIDES, which take turns, tells of each kind: {kind: {side: [sample…]}}."""
    found = {name: {side: [] for side in sides} for name in KINDS}
    for name, kind in KINDS.items():
        for side in sides * kind.rounds:
            found[name][side].append(ask(measured, side, url, kind))
    return found


def ask(measured, side, url, kind):
    """A sample of SIDE. It counts only if the answer came whole."""
    sample = measured.ask("llm-switch-bench-long", side, url, kind.words, kind.rate, kind.mode, kind.line)
    if not sample["whole"]:
        sys.exit(f"llm-switch: benchmark: {side} left out some of {kind.words} words in a long chat")
    return sample | {"tokens": kind.words}
