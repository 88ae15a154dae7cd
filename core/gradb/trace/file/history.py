"""When a variable got another value or gradient, found in a trace file: `FileHistory`, grown with `upto(count)`."""

import numpy as np

from gradb.trace.file.columns import Numbers
from gradb.trace.file.database import Database
from gradb.trace.writes import What

_HELD = """
    WITH held AS (
        SELECT tensor, max(1, since) AS since, lead(max(1, since), 1, 1 << 62) OVER (ORDER BY since, place) AS until
        FROM bindings WHERE variable = ? AND since >= ?
    )
"""
# A value changes where the variable takes a tensor, and where that is written then; a gradient where it is written.
_TAKEN = "SELECT since AS event FROM held WHERE since >= ? AND since <= ?"
_WRITTEN = """
    SELECT w.event FROM held CROSS JOIN writes w
    WHERE w.tensor = held.tensor AND w.what = ? AND w.event >= max(held.since, ?) AND w.event < min(held.until, ?)
"""


class FileHistory:
    """Of one variable's value or gradient."""

    def __init__(self, database: Database, variable: int, what: What) -> None:
        self._database = database
        self._variable = variable
        self._what = what
        self._upto = 0
        self._numbers = np.empty(0, np.int64)

    def upto(self, count: int) -> Numbers:
        """The events up to number `count`, in order. Reads what came since the last question."""
        if count > self._upto:
            first = max(self._upto, 1)  # the variable may have taken a tensor after the last event that was there
            row = self._database.row(
                "SELECT max(since) FROM bindings WHERE variable = ? AND since < ?", self._variable, first
            )
            since = row[0] or 0
            rows = self._database.rows(f"{_HELD} {_WRITTEN}", self._variable, since, self._what, first, count + 1)
            if self._what == "value":
                rows += self._database.rows(f"{_HELD} {_TAKEN}", self._variable, since, first, count)
            new = np.unique(np.array(rows, np.int64).reshape(-1))
            self._numbers = np.concatenate([self._numbers[: np.searchsorted(self._numbers, first)], new])
            self._upto = count
        return Numbers(self._numbers)
