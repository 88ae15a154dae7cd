"""Writes a trace file batch by batch: `Writer(path, facts, instrumented)`, then `rows`, `commit()` and `close()`."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from gradb.errors import UserError
from gradb.trace.events import Array
from gradb.trace.file.arrays import coded
from gradb.trace.file.facts import Fact
from gradb.trace.file.keep import ALL, Keep
from gradb.trace.file.rows import Rows
from gradb.trace.file.tables import TABLES
from gradb.trace.file.thinner import Thinner

_COLUMNS = {
    "events": 6, "arrays": 5, "contents": 2, "ops": 3, "names": 2, "variables": 2, "bindings": 4, "turns": 5,
    "writes": 3, "owners": 2, "nodes": 3, "losses": 3, "health": 11, "rewritten": 2, "words": 2, "blocks": 6,
    "segments": 4,
}  # fmt: skip
_AGAIN = {"names": "OR IGNORE", "rewritten": "OR IGNORE", "owners": "OR REPLACE"}
# SQLite lets the recording thread run while it works on a statement, and then waits for its turn: so a statement
# inserts many rows. The numbers are few, so that the statements stay prepared.
_TOGETHER = (64, 8, 1)
_INTO = {"arrays": "arrays (id, dtype, shape, coding, used)"}
_INSERT = {
    (table, count): f"INSERT {_AGAIN.get(table, '')} INTO {_INTO.get(table, table)} VALUES "
    + ",".join([f"({','.join('?' * _COLUMNS[table])})"] * count)
    for table in _COLUMNS
    for count in _TOGETHER
}


class Writer:
    """One new file. Its methods raise UserError where the file cannot be written; what was committed stays.

    It may be made in another thread than the one that uses it.
    """

    setting = "PRAGMA synchronous = NORMAL"

    def __init__(
        self,
        path: Path,
        facts: Mapping[str, Fact],
        instrumented: bool,
        data: Mapping[str, Array] | None = None,
        keep: Keep = ALL,
    ) -> None:
        self.path = path
        self.rows = Rows(instrumented, keep)
        self._step = 1  # whose segments may still change
        try:
            self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute(self.setting)
            self._file.execute("PRAGMA cache_size = -32000")
            self._file.executescript(f"BEGIN; {TABLES} COMMIT;")
            self.state({"keep": str(keep), "budget": keep.budget, **facts})
            self._thinner = Thinner(self._file, self.rows)
            for name, array in (data or {}).items():
                self._file.execute("INSERT INTO data VALUES (?, ?, ?, ?, ?)", (name, *coded(array)))
        except sqlite3.Error as error:
            raise unwritable(path, error) from None

    def state(self, facts: Mapping[str, Fact]) -> None:
        """Puts rows into the table `header`."""
        try:
            self._file.executemany("INSERT OR REPLACE INTO header VALUES (?, ?)", facts.items())
        except sqlite3.Error as error:
            raise unwritable(self.path, error) from None

    def commit(self) -> None:
        """Writes what `rows` has, all or nothing."""
        batch, segments = self.rows.take(), self.rows.segments()
        try:
            self._file.execute("BEGIN")
            for table, rows in batch.items():
                self._insert(table, rows)
            if segments:
                self._file.execute("DELETE FROM segments WHERE step >= ?", (self._step,))
                self._insert("segments", segments)
                self._step = segments[-1].step
            self._thinner.thin(batch["contents"], segments)
            self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise unwritable(self.path, error) from None

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        done = 0
        while done < len(rows):
            count = next(count for count in _TOGETHER if count <= len(rows) - done)
            self._file.execute(_INSERT[table, count], [*chain.from_iterable(rows[done : done + count])])
            done += count

    def close(self, *, complete: bool) -> None:
        """Ends the file. `complete`: everything that the run did is in it."""
        try:
            if complete:
                self._file.execute("BEGIN")
                self._thinner.end(self.rows.segments())
                self._file.execute("INSERT OR REPLACE INTO header VALUES ('complete', 1)")
                self._file.execute("COMMIT")
        except sqlite3.Error as error:
            raise unwritable(self.path, error) from None
        finally:
            with suppress(sqlite3.Error):
                self._file.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # after it everything is in the file itself
                self._file.execute("PRAGMA journal_mode = DELETE")  # refused while somebody reads
            self._file.close()


def unwritable(path: Path, error: sqlite3.Error) -> UserError:
    """What a user is told when SQLite cannot write."""
    return UserError(f"the trace cannot be written: {error}", where=str(path))
