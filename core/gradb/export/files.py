"""Writing a file so that it is either the old one or the whole new one: `write_file(path, chunks)`."""

import os
from collections.abc import Iterable
from pathlib import Path

from gradb.errors import UserError


def write_file(path: Path, chunks: Iterable[bytes]) -> int:
    """Writes the chunks and returns the number of bytes. Raises UserError where the file cannot be written.

    A new file takes the place of an old one only when it is complete. A device or a pipe is written to as it is.
    """
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise UserError("this is a folder", where=str(path), allowed="the name of a file")
            return _write(target, chunks)
        if target.exists() and not os.access(target, os.W_OK):
            raise UserError("the file may not be written to", where=str(path))
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            size = _write(part, chunks)
            if target.exists():
                part.chmod(target.stat().st_mode)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"the file cannot be written: {error.strerror}", where=str(path)) from None
    return size


def _write(path: Path, chunks: Iterable[bytes]) -> int:
    size = 0
    with path.open("wb") as file:
        for chunk in chunks:
            size += file.write(chunk)
    return size
