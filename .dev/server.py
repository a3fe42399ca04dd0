"""Servers on this machine that last as long as a block of code."""

import contextlib
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import child

ANSWER_SECONDS = 1
START_SECONDS = 120
# A proxy of the environment must not be asked for loopback addresses.
HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def say(text):
    print(f"llm-switch: {text}", file=sys.stderr)


def answer(url):
    """The JSON object that URL gives, or an empty one."""
    try:
        with HTTP.open(url, timeout=ANSWER_SECONDS) as reply:
            value = json.load(reply)
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(name, command, ready, remedy, **process):
    """COMMAND as a server called NAME, from when READY() is true on. REMEDY is for when it never is."""
    with tempfile.NamedTemporaryFile(prefix=f"{name}-", suffix=".log") as log:
        # In a session of its own, so that C-c in the terminal reaches the command alone, which may still need it; and
        # bound to this process by the kernel, so that not even kill -9 leaves it behind.
        server = subprocess.Popen(["setpriv", "--pdeathsig=KILL", *command], stdin=subprocess.DEVNULL, stdout=log,
                                  stderr=subprocess.STDOUT, start_new_session=True, **process)
        try:
            wait(name, server, ready, remedy, log)
            yield
        finally:
            child.end(server)


def wait(name, server, ready, remedy, log):
    give_up = time.monotonic() + START_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > give_up:
            tail = "\n".join(pathlib.Path(log.name).read_text(errors="replace").splitlines()[-5:])
            sys.exit(f"llm-switch: {name} did not start:\n{tail}\n  What to do: {remedy}")
        time.sleep(0.05)
