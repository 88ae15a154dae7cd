"""Where a new trace is written so that an old one is lost only to a whole new one: `Target(path)`."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from gradb.errors import UserError
from gradb.trace.file.database import Database
from gradb.trace.file.tables import SUFFIX


class Target:
    """A new file is written under its own name. Where there is a trace already, the new one is written beside it, as
    `path`, and takes its place when it is complete. A link stays a link: what it leads to is written.

    Raises UserError where that cannot be: no such folder, one that may not be written to, a file that is no trace, or
    a trace that another process has open.
    """

    def __init__(self, wanted: Path) -> None:
        where = str(wanted)
        try:
            folder = wanted.resolve().parent
            if wanted.is_symlink():
                wanted = wanted.resolve()
        except (OSError, RuntimeError) as error:  # links in a circle
            raise UserError(f"the trace cannot be written: {error}", where=where) from None
        self.wanted = wanted
        self.path = wanted
        if wanted.is_dir():
            raise UserError("this is a folder", where=where, allowed="the name of a file")
        if not folder.is_dir():
            raise UserError("there is no such folder", where=str(folder))
        if not os.access(folder, os.W_OK):
            raise UserError("the folder may not be written to", where=str(folder))
        if wanted.exists() and not wanted.is_file():
            raise UserError("this is a device or a pipe", where=where, allowed="the name of a file")
        if wanted.exists():
            if not os.access(wanted, os.W_OK):
                raise UserError("the file may not be written to", where=where)
            if wanted.stat().st_size:
                Database(wanted).close()  # refuses what is no trace
            self._release()
            self.path = self._beside()

    def _beside(self) -> Path:
        """An empty file beside the wanted one, with its permissions. What is there already is left alone."""
        number = os.getpid()
        while True:
            path = self.wanted.with_name(f"{self.wanted.stem}.{number}.part{SUFFIX}")
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except FileExistsError:
                number += 1
                continue
            except OSError as error:
                raise UserError(f"the trace cannot be written: {error.strerror}", where=str(path)) from None
            path.chmod(self.wanted.stat().st_mode)
            return path

    def finish(self) -> None:
        """The new file is complete. Raises UserError where it cannot take the place of the old one; both stay then."""
        if self.path == self.wanted:
            return
        log = log_of(self.path)
        if log.exists() and log.stat().st_size:
            raise UserError("the new trace is open in another process, so it keeps its name", where=str(self.path))
        self._release()
        try:
            self.path.replace(self.wanted)
        except OSError as error:
            raise UserError(
                f"the new trace cannot take the place of the old one: {error.strerror}",
                where=str(self.wanted),
                fix=f"it is complete as {self.path}",
            ) from None

    def abandon(self) -> None:
        """Removes the new file."""
        for end in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                Path(f"{self.path}{end}").unlink(missing_ok=True)

    def _release(self) -> None:
        """Folds what a killed run left beside the old file into it. A log that stays would spoil the new file."""
        if not log_of(self.wanted).exists():
            return
        try:
            old = sqlite3.connect(self.wanted, isolation_level=None, timeout=0.2)
            try:
                old.execute("PRAGMA journal_mode = DELETE").fetchone()
            finally:
                old.close()
        except sqlite3.Error:
            raise UserError(
                "another process has this trace open",
                where=str(self.wanted),
                fix="close it there, or save under another name",
            ) from None


def log_of(path: Path) -> Path:
    """Where SQLite keeps what was committed last, while a file is written."""
    return Path(f"{path}-wal")
