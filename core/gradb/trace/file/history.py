"""When a variable got another value or gradient, found in a trace file: `FileHistory`, grown with `upto(count)`."""

from collections.abc import Callable

import numpy as np

from gradb.trace.file.columns import Numbers
from gradb.trace.file.database import Database
from gradb.trace.writes import Cell, What

_HELD = "SELECT since, tensor FROM bindings WHERE variable = ? AND since >= ? ORDER BY since, place"
_REWRITTEN = "SELECT tensor FROM rewritten WHERE what = ?"


class FileHistory:
    """Of one variable's value or gradient. A value changes where the variable takes a tensor, and where that is written
    then; a gradient only where it is written.
    """

    def __init__(self, database: Database, writes: Callable[[Cell], Numbers], variable: int, what: What) -> None:
        self._database = database
        self._writes = writes
        self._variable = variable
        self._what: What = what
        self._upto = 0
        self._numbers = np.empty(0, np.int64)

    def upto(self, count: int) -> Numbers:
        """The events up to number `count`, in order. Reads what came since the last question."""
        if count > self._upto:
            first = max(self._upto, 1)  # the variable may have taken a tensor after the last event that was there
            new = self._between(first, count)
            self._numbers = np.concatenate([self._numbers[: np.searchsorted(self._numbers, first)], new])
            self._upto = count
        return Numbers(self._numbers)

    def _between(self, first: int, last: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        query = "SELECT max(since) FROM bindings WHERE variable = ? AND since < ?"
        row = self._database.row(query, self._variable, first, of=tuple[int | None])
        before = (row and row[0]) or 0
        held = self._database.numbers(_HELD, self._variable, before)
        since, tensors = np.maximum(held[::2], 1), held[1::2]
        until = np.append(since[1:], last + 1)
        found = [since[(since >= first) & (since <= last)]] if self._what == "value" else []
        again = self._database.numbers(_REWRITTEN, self._what)
        for i in np.flatnonzero(np.isin(tensors, again)):
            writes = self._writes(Cell(int(tensors[i]), self._what)).array
            start, end = np.searchsorted(writes, [max(since[i], first), min(until[i], last + 1)])
            found.append(writes[start:end])
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)
