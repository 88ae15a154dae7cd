"""Files that are written whole or not at all: `write_whole(path, content)`."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from gradb.errors import UserError


def write_whole(path: Path, content: bytes) -> None:
    """Puts the content into the file, or makes the file. Raises UserError where that is not possible.

    A link stays a link, and the file keeps its permissions. One that may not be written is left alone, even in a
    folder that may.
    """
    target = path.resolve()
    if target.exists() and not os.access(target, os.W_OK):
        raise UserError("the file may not be written", where=str(path))
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(temporary, target.stat().st_mode if target.exists() else _new_mode(target.parent))
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise UserError(f"the file cannot be written: {error.strerror}", where=str(path)) from None


def _new_mode(folder: Path) -> int:
    """The permissions of a new file: to read and write as the folder is."""
    return folder.stat().st_mode & 0o666
