"""What is searched without decoding events: `Columns` has the kind, line and names of each, `Numbers` what is found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np

from gradb.trace.file.database import Database
from gradb.trace.file.rows import KINDS

_TYPES = {"kinds": "u1", "lines": "<i4", "names": "<i4", "nodes": "<i4"}
_Array = np.ndarray[Any, Any]


class Numbers(Sequence[int]):
    """Event numbers in order, as plain ints, over an array of them."""

    def __init__(self, numbers: _Array) -> None:
        self.array = numbers

    def __len__(self) -> int:
        return len(self.array)

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> "Numbers": ...

    def __getitem__(self, place: int | slice) -> "int | Numbers":
        if isinstance(place, slice):
            return Numbers(self.array[place])
        return int(self.array[place])

    def __iter__(self) -> Iterator[int]:
        return iter(self.array.tolist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # how Python says that it cannot be hashed


class Columns:
    """The columns up to the last event; `grow(count)` says how many there are now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._count = 0
        self._columns: dict[str, _Array] = {name: np.empty(0, type_) for name, type_ in _TYPES.items()}
        self._found: dict[tuple[str, int], Numbers] = {}
        self._line_starts = Numbers(np.empty(0, np.int64))
        self._line_starts_of = 0

    def grow(self, count: int) -> None:
        """There are more events."""
        self._count = count
        self._found.clear()

    def column(self, name: str) -> _Array:
        """One of kinds, lines, names and nodes."""
        had = self._columns[name]
        if len(had) < self._count:
            query = f"SELECT {name} FROM blocks WHERE first > ? AND first <= ? ORDER BY first"
            new = b"".join([row[0] for row in self._database.rows(query, len(had), self._count, of=tuple[bytes])])
            if len(new) != (self._count - len(had)) * had.itemsize:
                raise self._database.damaged(f"the {name} of its events are not as many as the events")
            had = self._columns[name] = np.concatenate([had, np.frombuffer(new, _TYPES[name])])
        return had

    def of(self, name: str, value: int) -> Numbers:
        """The events that have a value in a column."""
        found = self._found.get((name, value))
        if found is None:
            found = self._found[name, value] = Numbers(np.flatnonzero(self.column(name) == value) + 1)
        return found

    def line_starts(self) -> Numbers:
        """The first event of each run of events of one line."""
        if self._line_starts_of != self._count:
            lines = self.column("lines")
            changes = np.flatnonzero(lines[1:] != lines[:-1]) + 2
            self._line_starts = Numbers(np.concatenate([[1], changes]) if len(lines) else changes)
            self._line_starts_of = self._count
        return self._line_starts


class Words(Mapping[str, Sequence[int]]):
    """The events by the names of their kind, op, node or error, in lower case."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._columns = columns
        rows = database.rows("SELECT id, word FROM words", of=tuple[int, str])
        self._ids = {word: number for number, word in rows}

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        yield from (kind for kind in KINDS if self._columns.of("kinds", KINDS[kind]))
        yield from (word for word in self._ids if word not in KINDS)

    def __getitem__(self, word: str) -> Sequence[int]:
        parts = [self._columns.of("kinds", KINDS[word])] if word in KINDS else []
        number = self._ids.get(word)
        if number is not None:
            parts += [self._columns.of("names", number), self._columns.of("nodes", number)]
        if not parts:
            raise KeyError(word)
        filled = [part for part in parts if part]
        if len(filled) == 1:
            return filled[0]
        return Numbers(np.unique(np.concatenate([part.array for part in parts])))
