"""The events of a trace file as a sequence: `FileEvents` reads each when it is asked for, and keeps it for a while."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

import msgspec

from gradb.errors import UserError
from gradb.trace.events import Array, Event, OpInfo
from gradb.trace.file.arrays import decoded
from gradb.trace.file.cache import Cache
from gradb.trace.file.database import Database
from gradb.trace.file.packing import Unpacker, op_of

_SIZE = 1500  # bytes that an event takes beside large arrays
_CHUNK = 256  # events that are read at once where all are read


class FileEvents(Sequence[Event]):
    """`count` says how many there are."""

    def __init__(self, database: Database, cache: Cache, count: Callable[[], int]) -> None:
        self._database = database
        self._cache = cache
        self._count = count
        self._unpacker = Unpacker(self._array, self._op)
        self._ops: dict[int, OpInfo] = {}

    def __len__(self) -> int:
        return self._count()

    @overload
    def __getitem__(self, place: int) -> Event: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Event]: ...

    def __getitem__(self, place: int | slice) -> Event | Sequence[Event]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        event = self._at(place) if place >= 0 else None
        if event is None:
            raise IndexError(f"there is no event #{place + 1}")
        return event

    def _at(self, place: int) -> Event | None:
        event = self._cache.get(place)
        if event is None:
            row = self._database.row("SELECT kind, data FROM events WHERE number = ?", place + 1)
            event = None if row is None else self._event(place, *row)
        return event

    def __iter__(self) -> Iterator[Event]:
        done = 0
        while done < self._count():
            for kind, data in self._database.rows(
                "SELECT kind, data FROM events WHERE number > ? ORDER BY number LIMIT ?", done, _CHUNK
            ):
                yield self._cache.get(done) or self._event(done, kind, data)
                done += 1

    def _event(self, place: int, kind: str, data: bytes) -> Event:
        try:
            event = self._unpacker.unpack(kind, data)
        except (msgspec.DecodeError, KeyError, ValueError, TypeError, IndexError, zlib.error) as error:
            raise UserError(
                f"event #{place + 1} is damaged: {error}", where=str(self._database.path), fix="record the run again"
            ) from None
        self._cache.put(place, event, _SIZE)
        return event

    def _array(self, stored: int) -> Array:
        key = ("array", stored)
        array = self._cache.get(key)
        if array is None:
            row: Any = self._database.row("SELECT dtype, shape, coding, data FROM arrays WHERE id = ?", stored)
            if row is None:
                raise KeyError(f"array {stored} is missing")
            array = decoded(*row)
            self._cache.put(key, array, array.nbytes + 200)
        return array

    def _op(self, stored: int) -> OpInfo:
        info = self._ops.get(stored)
        if info is None:
            row: Any = self._database.row("SELECT data FROM ops WHERE id = ?", stored)
            if row is None:
                raise KeyError(f"op {stored} is missing")
            info = self._ops[stored] = op_of(row[0])
        return info
