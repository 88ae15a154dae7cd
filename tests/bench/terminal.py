"""A program in a real terminal: `Terminal` starts it in a pty, presses keys and says when the last byte came."""

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
from collections.abc import Sequence
from time import perf_counter
from types import TracebackType

ESCAPES = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(\x07|\x1b\\)|[ -/]*[0-~])", re.DOTALL)


class Terminal:
    """A terminal with a program in it; leaving the `with` block ends the program."""

    def __init__(self, command: Sequence[str], columns: int = 120, rows: int = 40) -> None:
        self._screen, program_side = os.openpty()
        fcntl.ioctl(program_side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.started = perf_counter()
        self._process = subprocess.Popen(
            command,
            stdin=program_side,
            stdout=program_side,
            stderr=program_side,
            env=environment,
            start_new_session=True,
        )
        os.close(program_side)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._screen)

    def first_paint(self, letters: int = 200, within: float = 20.0) -> float:
        """Seconds from the start until so many visible characters have come."""
        seen = b""
        while self._ready(within):
            seen += self._read()
            if len(b"".join(ESCAPES.sub(b"", seen).split())) >= letters:
                return perf_counter() - self.started
        raise TimeoutError(f"nothing was drawn within {within:g} s; the terminal shows: {seen[-500:]!r}")

    def settle(self, quiet: float = 0.5, within: float = 30.0) -> None:
        """Waits until nothing has been drawn for `quiet` seconds."""
        started = perf_counter()
        while self._ready(quiet):
            self._read()
            if perf_counter() - started > within:
                raise TimeoutError(f"the screen did not come to rest within {within:g} s")

    def press(self, key: bytes, patience: float = 0.5, quiet: float = 0.04) -> float | None:
        """Seconds from the key to the last byte of what it drew; None when it drew nothing."""
        pressed = perf_counter()
        os.write(self._screen, key)
        last = None
        while self._ready(patience if last is None else quiet):
            self._read()
            last = perf_counter() - pressed
        return last

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._screen], [], [], seconds)[0])

    def _read(self) -> bytes:
        try:
            return os.read(self._screen, 1 << 16)
        except OSError as error:  # Linux's way of saying that the program is gone
            raise EOFError(f"the program ended with {self._process.wait(5)}") from error
