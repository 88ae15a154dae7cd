"""The index of a run in a trace file: `FileIndex` finds everything by search in the file's tables and columns."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gradb.trace.file.cache import Cache
from gradb.trace.file.columns import Columns, Numbers, Words
from gradb.trace.file.database import Database
from gradb.trace.file.events import FileEvents
from gradb.trace.file.history import FileHistory
from gradb.trace.file.names import FileBindings, FileNames
from gradb.trace.file.rows import KINDS
from gradb.trace.file.steps import FileSteps
from gradb.trace.index import Index
from gradb.trace.loops import Turn, add_turns
from gradb.trace.writes import Cell, What

_NONE: tuple[int, ...] = ()
_Turn = tuple[str, int, int]
_SIZE = 300  # bytes that a short list takes
_AROUND = """
    SELECT loop, number, since FROM turns
    WHERE event = (SELECT max(event) FROM turns WHERE event BETWEEN ? AND ?) ORDER BY depth
"""
_TURNS = "SELECT loop, number, since FROM turns WHERE event > ? AND event <= ? ORDER BY event, depth"
_WRITES = "SELECT event FROM writes WHERE tensor = ? AND what = ? AND event > ? AND event <= ? ORDER BY event"
_LAST = "SELECT max(event) FROM writes WHERE tensor = ? AND what = ? AND event BETWEEN 1 AND ?"
_NEXT = "SELECT min(event) FROM writes WHERE tensor = ? AND what = ? AND event > ? AND event <= ?"
_NODE = "SELECT event FROM nodes WHERE node = ? AND how = ? AND event > ? AND event <= ? ORDER BY event"


class FileIndex(Index):
    """A file that another process writes is looked at again whenever somebody asks for its length."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self.database = database
        self.cache = cache
        self._count = 0
        self._growing = True
        self._columns = Columns(database)
        self._bindings = FileBindings(database)
        self._steps = FileSteps(database, self.fresh)
        self._histories: dict[tuple[str, What], FileHistory] = {}
        self._losses: list[tuple[int, int, float]] = []
        self._losses_upto = 0
        self._loops: dict[str, list[tuple[int, int]]] = {}
        self._loops_upto = 0
        self.stored_events = FileEvents(database, cache, self.__len__)
        self.events = self.stored_events
        self.names = FileNames(database, cache, self.fresh)
        self.bindings = self._bindings
        self.steps = self._steps
        self.cuts = []
        self.turns = []
        self.grow()

    @property
    def growing(self) -> bool:
        """Whether the run that the file holds has not come to its end."""
        return self._growing

    def __len__(self) -> int:
        self.look()
        return self.fresh()

    def look(self) -> None:
        """Looks whether another process has written more; costs next to nothing if it was asked just now."""
        if self._growing and self.database.has_grown():
            self.grow()

    def fresh(self) -> int:
        """How many events there are, before a question; a run that is recorded here first saves what is asked for."""
        return self._count

    def grow(self) -> None:
        """Sees what was committed since the last time."""
        query = "SELECT value FROM header WHERE key = 'complete'"
        complete = self.database.row(query, of=tuple[str | int | float | None])
        self._growing = complete is not None and not complete[0]
        row = self.database.row("SELECT first, count FROM blocks ORDER BY first DESC LIMIT 1", of=tuple[int, int])
        count = 0 if row is None else sum(row) - 1
        if count > self.database.most_events:
            raise self.database.damaged(f"it cannot hold {count:,} events")
        if count > self._count:
            self._count = count
            self._columns.grow(self._count)
        self._steps.grow()
        self._bindings.grow()

    # --- names

    def bind(self, name: str, tensor_id: int) -> None:
        raise TypeError("a trace file is only read")

    def holds(self, name: str) -> int | None:
        held = self._bindings.get(name)
        return None if held is None else held.at(self.fresh())

    # --- loops

    def turns_in(self, first: int, last: int) -> tuple[Turn, ...]:
        return tuple([Turn(*row) for row in self.database.rows(_AROUND, first, last, of=_Turn)])

    def loops(self) -> Sequence[str]:
        return [*self._loop_turns()]

    def loop_turns(self, loop: str) -> Sequence[tuple[int, int]]:
        return self._loop_turns().get(loop, ())

    def _loop_turns(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        count = self.fresh()
        if self._loops_upto < count:
            rows = self.database.rows(_TURNS, self._loops_upto, count, of=_Turn)
            add_turns(self._loops, (Turn(*row) for row in rows))
            self._loops_upto = count
        return self._loops

    # --- questions

    def owner(self, tensor_id: int) -> int:
        self.fresh()
        row = self.database.row("SELECT tensor FROM owners WHERE grad = ?", tensor_id, of=tuple[int])
        return 0 if row is None else row[0]

    def writes(self, cell: Cell) -> Numbers:
        return self._kept(("writes", cell), _WRITES, *cell)

    def of_kind(self, kind: str) -> Sequence[int]:
        self.fresh()
        return self._columns.of("kinds", KINDS[kind]) if kind in KINDS else _NONE

    def on_line(self, line: int) -> Sequence[int]:
        self.fresh()
        return self._columns.of("lines", line)

    def line_starts(self) -> Sequence[int]:
        self.fresh()
        return self._columns.line_starts()

    def node_events(self, node_id: int, kind: str) -> Sequence[int]:
        return self._kept(("node", node_id, kind), _NODE, node_id, kind)

    def losses(self) -> Sequence[tuple[int, int, float]]:
        count = self.fresh()
        if self._losses_upto < count:
            rows = self.database.rows(
                "SELECT event, step, value FROM losses WHERE event > ? AND event <= ? ORDER BY event",
                self._losses_upto,
                count,
                of=tuple[int, int, float | None],
            )
            nan = float("nan")  # SQLite has none and keeps NULL instead
            self._losses += [(event, step, nan if value is None else value) for event, step, value in rows]
            self._losses_upto = count
        return self._losses

    def words(self) -> Mapping[str, Sequence[int]]:
        self.fresh()
        return Words(self.database, self._columns)

    def history(self, name: str, what: What) -> Sequence[int]:
        found = self._histories.get((name, what))
        if found is None:
            found = FileHistory(self.database, self.writes, self._bindings[name].variable, what)
            self._histories[name, what] = found
        return found.upto(self.fresh())

    def last_write(self, cell: Cell, at: int) -> int | None:
        self.fresh()
        return self._number(_LAST, *cell, at)

    def next_write(self, cell: Cell, at: int) -> int | None:
        return self._number(_NEXT, *cell, at, self.fresh())

    def content(self, cell: Cell, at: int) -> Any:
        try:
            return super().content(cell, at)
        except StopIteration:
            what = f"event #{self.last_write(cell, at)} does not write the {cell.what} of tensor {cell.tensor}"
            raise self.database.damaged(what) from None

    def _number(self, query: str, *values: object) -> int | None:
        row = self.database.row(query, *values, of=tuple[int | None])
        return row[0] if row else None

    def _kept(self, key: object, query: str, *values: object) -> Numbers:
        """A list of numbers that is kept, and read on where the file has grown."""
        had: tuple[int, np.ndarray[tuple[int], np.dtype[np.int64]]] = self.cache.get(key) or (0, np.empty(0, np.int64))
        upto, numbers = had
        count = self.fresh()
        if upto < count:
            numbers = np.concatenate([numbers, self.database.numbers(query, *values, upto, count)])
            self.cache.put(key, (count, numbers), numbers.nbytes + _SIZE)
        return Numbers(numbers)
