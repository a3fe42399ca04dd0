"""A program in a terminal of its own, whose screen is read all the time and on whose keyboard one can type."""

import codecs
import fcntl
import os
import pty
import re
import signal
import struct
import termios
import threading
import time

COLUMNS, LINES = 120, 40
# Letters to type: there is enough of them to type each only once, and nothing else on the screen has any.
LETTERS = range(0xAC00, 0xD7A4)
LETTER = re.compile(f"[{chr(LETTERS[0])}-{chr(LETTERS[-1])}]")


class Terminal:
    def __init__(self, command, environment):
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
            os.execvpe(command[0], command, environment)
        self.letters = iter(LETTERS)
        self.typed = {}
        self.echoes = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                text = decoder.decode(os.read(self.screen, 1 << 16))
            except OSError:  # the program has ended
                return
            now = time.monotonic()
            for letter in LETTER.findall(text):
                if sent := self.typed.pop(letter, None):
                    self.echoes.append(now - sent)

    def type(self):
        """Types a letter."""
        letter = chr(next(self.letters))
        self.typed[letter] = time.monotonic()
        os.write(self.screen, letter.encode())

    def echoed(self, patience):
        """The seconds from each key to its letter on the screen, since the last call.

        Letters that do not appear within PATIENCE seconds count as infinitely late.
        """
        give_up = time.monotonic() + patience
        while self.typed and time.monotonic() < give_up:
            time.sleep(0.01)
        echoes = self.echoes + [float("inf")] * len(self.typed)
        self.echoes, self.typed = [], {}
        return echoes

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)
