"""Reads a trace file's tables: `Database(path).rows("SELECT ...", of=tuple[int, str])`.

A file may come from a stranger: whatever is wrong with it is a UserError.
"""

import os
import sqlite3
import stat
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import RLock
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
import numpy as np

from gradb.errors import UserError
from gradb.trace.file.facts import Fact
from gradb.trace.file.tables import APPLICATION, FORMAT, TABLES, strange

_T = TypeVar("_T")
_MOST_FACTS = 1000
_PAUSE = 0.05  # seconds between two looks for what another process wrote
_SMALLEST_EVENT = 16  # bytes that an event takes in the file at least


def is_trace_file(path: Path) -> bool:
    """Whether a file is a trace of gradb, whatever its name and the version of its format.

    It is SQLite that looks into the file: a process that opens and closes it by itself loses SQLite's locks on it, and
    with them what it writes.
    """
    try:
        if not path.is_file():  # SQLite would wait for what comes out of a pipe
            return False
        with closing(sqlite3.connect(_uri(path, "mode=ro"), uri=True)) as file:
            return file.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
    except (sqlite3.Error, ValueError):
        return False


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path.resolve()))}?{mode}"


class Database:
    """A trace file, open for reading, for any thread. Raises UserError where it is none."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = RLock()
        self._looked = 0.0
        self._version = -1
        self._file = self._opened()
        if self._value("PRAGMA application_id") != APPLICATION:
            raise UserError("this is a SQLite database, but not a trace of gradb", where=str(path))
        version = self._value("PRAGMA user_version")
        if version > FORMAT:
            raise UserError(
                f"this trace has the format {version}",
                where=str(path),
                allowed=f"formats up to {FORMAT}",
                fix="open it with a newer gradb",
            )
        made = self.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'", of=tuple[str, str | None])
        wrong = strange(dict(made))
        if wrong:
            raise self.damaged(f"its table {wrong!r} is not the one that gradb makes")

    @property
    def facts(self) -> dict[str, Fact]:
        """The table `header`."""
        query = "SELECT key, value FROM header LIMIT ?"
        rows = self.rows(query, _MOST_FACTS + 1, of=tuple[str, Fact])
        if len(rows) > _MOST_FACTS:
            raise self.damaged(f"its header has more than {_MOST_FACTS} rows")
        return dict(rows)

    def _opened(self) -> sqlite3.Connection:
        where = str(self.path)
        try:
            found = self.path.stat()
        except FileNotFoundError:
            raise UserError("there is no such file", where=where) from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise UserError(f"the file cannot be read: {reason}", where=where) from None
        if not stat.S_ISREG(found.st_mode):
            what = "folder" if stat.S_ISDIR(found.st_mode) else "device or a pipe"
            raise UserError(f"this is a {what}", where=where, allowed="a file")
        if found.st_size == 0:
            raise UserError("the file is empty", where=where, allowed="a trace that gradb wrote with --save")
        log = Path(f"{self.path.resolve()}-wal").exists()
        writable = os.access(self.path, os.W_OK) and os.access(self.path.resolve().parent, os.W_OK)
        mode = "mode=rw" if writable else "mode=ro" if log else "mode=ro&immutable=1"
        try:
            file = sqlite3.connect(
                f"file:{quote(str(self.path.resolve()))}?{mode}",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            file.execute("PRAGMA query_only = ON")
            file.execute("PRAGMA trusted_schema = OFF")
            file.execute("PRAGMA cell_size_check = ON")
            file.execute("PRAGMA cache_size = -16000")
            return file
        except sqlite3.Error as error:
            raise self._unreadable(error) from None

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._file.close()

    def become_empty(self) -> None:
        """The file is to be removed: there is nothing in it from now on."""
        with self._lock:
            self._file.close()
            self._file = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            self._file.executescript(TABLES)

    @contextmanager
    def put_aside(self, path: Path) -> Generator["Database"]:
        """Inside, the file is not open, so that it can be moved; then it is opened again as `path`."""
        with self._lock:
            self._file.close()
            wanted, self.path = self.path, path
            try:
                yield self
            except BaseException:
                self.path = wanted
                raise
            finally:
                self._file = self._opened()
                self._version = -1

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    def rows(self, query: str, *values: Any, of: type[_T]) -> list[_T]:
        """Every row of a query, each of the type `of`. Raises UserError where the file is damaged."""
        with self._lock:
            try:
                found = self._file.execute(query, values).fetchall()
            except (sqlite3.Error, OverflowError) as error:
                raise self._unreadable(error) from None
        return self._typed(found, list[of])

    def row(self, query: str, *values: Any, of: type[_T]) -> _T | None:
        """The first row of a query, None where there is none."""
        with self._lock:
            try:
                found = self._file.execute(query, values).fetchone()
            except (sqlite3.Error, OverflowError) as error:
                raise self._unreadable(error) from None
        return None if found is None else self._typed(found, of)

    def _typed(self, found: Any, of: Any) -> Any:
        """What SQLite gave, which checks no types: a column of numbers may hold texts."""
        try:
            return msgspec.convert(found, of, builtin_types=(bytes,))
        except (msgspec.ValidationError, RecursionError) as error:
            raise self.damaged(f"a table holds what does not belong there: {error}") from None

    def numbers(self, query: str, *values: Any) -> "np.ndarray[Any, Any]":
        """Every number of a query without NULLs, row by row; 0 for what is none. Much faster than `rows` for many."""
        columns = query[len("SELECT ") : query.index(" FROM ")].split(", ")
        texts = "||','||".join(f"c{i}" for i in range(len(columns)))
        named = ", ".join(f"CAST({column} AS INTEGER) AS c{i}" for i, column in enumerate(columns))
        within = query[query.index(" FROM ") :]
        found = self.row(f"SELECT group_concat({texts}) FROM (SELECT {named}{within})", *values, of=tuple[str | None])
        text = found[0] if found else None
        return np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)

    def has_grown(self) -> bool:
        """Whether another connection wrote since the last look that said so; looks at most 20 times a second."""
        now = monotonic()
        if now - self._looked < _PAUSE:
            return False
        self._looked = now
        version = self._value("PRAGMA data_version")
        if version == self._version:
            return False
        self._version = version
        return True

    def _value(self, query: str) -> int:
        found = self.row(query, of=tuple[int])
        return found[0] if found else 0

    @property
    def most_events(self) -> int:
        """How many events there can be in a file of this size."""
        return self._value("PRAGMA page_count") * self._value("PRAGMA page_size") // _SMALLEST_EVENT

    def damaged(self, what: str) -> UserError:
        """What a user is told of a file that holds what gradb never writes."""
        return UserError(f"the trace is damaged: {what}", where=str(self.path), fix="record the run again")

    def _unreadable(self, error: Exception) -> UserError:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_NOTADB:
            return UserError(
                "this is not a trace of gradb", where=str(self.path), allowed="a file that gradb wrote with --save"
            )
        if not os.access(self.path, os.R_OK):
            return UserError("the file may not be read", where=str(self.path))
        return UserError(f"the trace cannot be read, it is damaged or cut off: {error}", where=str(self.path))
