"""What a worker prints, kept in a file in its order: `kept(path, encodings)` there, `play(path, pieces)` later."""

import io
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

OUT, ERR = 0, 1

Piece = tuple[int, int]  # the stream, and how many bytes went there before the other one was written to


class _Stream(io.RawIOBase):
    """The raw end of a stream whose bytes go into a file that several streams share."""

    def __init__(self, number: int, file: IO[bytes], pieces: list[Piece]) -> None:
        self.number = number
        self.file = file
        self.pieces = pieces

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        size = self.file.write(data)
        if self.pieces and self.pieces[-1][0] == self.number:
            size_before = self.pieces.pop()[1]
            self.pieces.append((self.number, size_before + size))
        else:
            self.pieces.append((self.number, size))
        return size


@contextmanager
def kept(path: Path, encodings: tuple[str, str]) -> Generator[list[Piece]]:
    """Inside, standard output and standard error go into the file; the list says which bytes belong to which."""
    pieces: list[Piece] = []
    before = sys.stdout, sys.stderr
    with path.open("wb") as file:
        out, err = [
            io.TextIOWrapper(
                io.BufferedWriter(_Stream(number, file, pieces)),
                encoding=encodings[number],
                errors="backslashreplace",
                newline="",
                line_buffering=number == ERR,
            )
            for number in (OUT, ERR)
        ]
        sys.stdout, sys.stderr = out, err
        try:
            yield pieces
        finally:
            out.flush()
            err.flush()
            sys.stdout, sys.stderr = before


def play(path: Path, pieces: Sequence[Piece]) -> None:
    """Writes what was kept to standard output and standard error, in its order."""
    with path.open("rb") as file:
        for number, size in pieces:
            stream = (sys.stdout, sys.stderr)[number]
            left = size
            while left:
                data = file.read(min(left, 1 << 20))
                stream.buffer.write(data)
                left -= len(data)
            stream.flush()
