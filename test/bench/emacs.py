"""The Emacsen that are measured: one in a terminal, and fresh ones in batch mode."""

import json
import os
import random
import select
import socket
import subprocess
import sys
import time

from terminal import Terminal

PATIENCE_SECONDS = 60
ECHO_SECONDS = 5
# About 20 keys a second, in no rhythm with the streams.
KEY_PAUSE_SECONDS = (0.03, 0.07)
# One that Emacs asks nothing of, and has many colours.
TERMINAL_TYPE = "screen-256color"


def lisp(value):
    """VALUE, a string, number or boolean, as Lisp text."""
    return {True: "t", False: "nil"}.get(value) if isinstance(value, bool) else json.dumps(value)


def form(function, *arguments):
    return f"({' '.join([function, *map(lisp, arguments)])})"


class Emacs:
    """An Emacs in a terminal that evaluates what it is told to, one form at a time."""

    def __init__(self, command):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.terminal = Terminal(
                [*command, "-nw", "--eval", form("llm-switch-bench-listen", port)],
                {**os.environ, "TERM": TERMINAL_TYPE})
            server.settimeout(PATIENCE_SECONDS)
            self.connection = server.accept()[0]
        self.answers = self.connection.makefile()

    def ask(self, function, *arguments, typing=False):
        """What FUNCTION tells, a dictionary, and in it the `keys`: how late each echo was, if we are to be TYPING."""
        self.connection.sendall(form(function, *arguments).encode() + b"\n")
        chance = random.Random(1)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not select.select([self.connection], [], [], chance.uniform(*KEY_PAUSE_SECONDS))[0]:
            if time.monotonic() > give_up:
                sys.exit(f"llm-switch: benchmark: Emacs has not answered {function} in {PATIENCE_SECONDS} s")
            if typing:
                self.terminal.type()
        told = json.loads(self.answers.readline())
        if "error" in told:
            sys.exit(f"llm-switch: benchmark: {function} failed: {told['error']}")
        return told | {"keys": self.terminal.echoed(ECHO_SECONDS)}

    def end(self):
        self.connection.close()
        self.terminal.end()


def batch(command, function, *arguments):
    """What FUNCTION prints in a fresh Emacs."""
    done = subprocess.run([*command, "--batch", "--eval", form(function, *arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"llm-switch: benchmark: Emacs failed in {function}:\n{done.stderr}")
    return done.stdout
