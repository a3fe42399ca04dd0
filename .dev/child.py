"""Runs a command and ends with it: whatever ends us, ends it too."""

import signal
import subprocess
import sys

GRACE_SECONDS = 5


def listen():
    """Makes a plain kill or a closed terminal run the `finally` blocks, and leaves C-c to the command."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    # The terminal sends C-c to the command as well: when that ends, so do we. Handled rather than ignored, since
    # ignoring would be inherited.
    signal.signal(signal.SIGINT, lambda *_: None)


def run(command, env=None):
    """The exit status of COMMAND, as a shell would give it. The kernel ends it should we be killed with -9."""
    child = subprocess.Popen(["setpriv", "--pdeathsig=TERM", *command], env=env)
    try:
        status = child.wait()
    finally:
        end(child)
    return status if status >= 0 else 128 - status


def end(child):
    """Ends CHILD, gently at first."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
