"""A program in a pty: `Terminal("run", "leaf")` starts gradb in one, presses keys and keeps all that it wrote."""

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time

START = "from gradb_tui.cli import main; main()"
ALTERNATE, NORMAL = b"\x1b[?1049h", b"\x1b[?1049l"
HIDDEN, SHOWN = b"\x1b[?25l", b"\x1b[?25h"
ESCAPES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(\x07|\x1b\\)|[ -/]*[0-~])", re.DOTALL)


class Terminal:
    """A pty with a program in it. `seen` is all that it wrote."""

    def __init__(self, *words: str, columns: int = 80, rows: int = 24, code: str = START, **environment: str) -> None:
        self.screen, self.program_side = os.openpty()
        self.resize(columns, rows)
        self.before = termios.tcgetattr(self.program_side)
        self.seen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *words],
            stdin=self.program_side,
            stdout=self.program_side,
            stderr=self.program_side,
            env=os.environ | {"TERM": "xterm-256color"} | environment,
            start_new_session=True,
        )

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.program_side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and select.select([self.screen], [], [], left)[0]:
            self.seen += os.read(self.screen, 1 << 16)

    def wait_for(self, text: str, within: float = 30.0) -> None:
        """Reads until the text has been drawn since the last wait."""
        end = time.monotonic() + within
        start = len(self.seen)
        while text.encode() not in ESCAPES.sub(b"", self.seen[start:]):
            assert time.monotonic() < end, (
                f"{text!r} was not drawn: {ESCAPES.sub(b'', self.seen)[-2000:].decode(errors='replace')}"
            )
            self.read(0.1)

    def press(self, keys: str) -> None:
        os.write(self.screen, keys.encode())

    def end(self) -> int:
        """Reads until the program has ended, and returns its exit code."""
        end = time.monotonic() + 20
        while self.process.poll() is None:
            assert time.monotonic() < end, "the program did not end"
            self.read(0.05)
        self.read(0.1)
        return self.process.returncode

    def stopped(self) -> bool:
        """Reads on, and says whether the program stands still."""
        self.read(0.05)
        _, status = os.waitpid(self.process.pid, os.WUNTRACED | os.WNOHANG)
        return os.WIFSTOPPED(status)

    def hang_up(self) -> None:
        """Closes the terminal, as a connection that breaks does."""
        os.close(self.screen)
        os.close(self.program_side)
        self.screen = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.screen >= 0:
            self.hang_up()

    def assert_given_back(self) -> None:
        assert self.seen.rfind(NORMAL) > self.seen.rfind(ALTERNATE) > -1
        assert self.seen.rfind(SHOWN) > self.seen.rfind(HIDDEN)
        assert termios.tcgetattr(self.program_side) == self.before
