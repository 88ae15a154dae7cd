"""Writing a file so that it is either the old one or the whole new one: `write_file(path, chunks)`."""

import errno
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from gradb.errors import UserError

_LONGEST = 32  # characters of a file's name in that of the part that is written beside it
_NEW = 0o666  # of which the user's umask takes away
_ALONE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def write_file(path: Path, chunks: Iterable[bytes]) -> int:
    """Writes the chunks and returns the number of bytes. Raises UserError where the file cannot be written.

    A new file takes the place of an old one only when it is complete, and has its permissions. A link stays a link:
    what it leads to is replaced. A device or a pipe is written to as it is.
    """
    try:
        target = _resolved(path)
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise UserError("this is a folder", where=str(path), allowed="the name of a file")
            with target.open("wb") as file:
                return sum(map(file.write, chunks))
        if target.exists() and not os.access(target, os.W_OK):
            raise UserError("the file may not be written to", where=str(path))
        part = new_file(target, f".{target.name[:_LONGEST]}.{{}}.part")
        try:
            with part.open("wb") as file:
                size = sum(map(file.write, chunks))
            part.replace(target)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UserError(f"the file cannot be written: {error.strerror}", where=str(path)) from None
    return size


def _resolved(path: Path) -> Path:
    """What a path leads to. Raises OSError, also where Python has another error for links in a circle."""
    try:
        return path.resolve()
    except RuntimeError as error:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from error


def new_file(target: Path, name: str) -> Path:
    """Makes an empty file beside a target, with the permissions of the target where there is one.

    `name` has `{}` for a number. What is there already is left alone, also a link that somebody else has put there.
    """
    mode = target.stat().st_mode & 0o777 if target.exists() else _NEW
    while True:
        part = target.with_name(name.format(secrets.token_hex(4)))
        with suppress(FileExistsError):
            os.close(os.open(part, _ALONE, mode))
            if mode != _NEW:
                part.chmod(mode)  # the umask may have taken some of it away
            return part
