"""The events of a trace file as a sequence: `FileEvents` reads each when it is asked for, and keeps it for a while."""

import math
import struct
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import overload

import msgspec

from gradb.trace.events import Array, Event, OpInfo
from gradb.trace.file.arrays import MOST_BYTES, decoded, shape_of
from gradb.trace.file.cache import Cache
from gradb.trace.file.database import Database
from gradb.trace.file.packing import Unpacker, op_of
from gradb.trace.file.possible import check_event
from gradb.trace.health import Health
from gradb.trace.thinned import thinned

_SIZE = 1500  # bytes that an event takes beside large arrays
_CHUNK = 256  # events that are read at once where all are read
_WRONG = (
    msgspec.DecodeError, LookupError, ValueError, TypeError, AttributeError, OverflowError, MemoryError, RecursionError,
    struct.error, zlib.error,
)  # fmt: skip  # what bytes of a stranger can bring about


_Known = tuple[float | None, float | None, float | None, float | None, int, int, int]


class _Room(threading.local):
    """How many bytes the arrays of the event may still take that a thread reads now."""

    left = 0


class FileEvents(Sequence[Event]):
    """`count` says how many there are."""

    def __init__(self, database: Database, cache: Cache, count: Callable[[], int]) -> None:
        self._database = database
        self._cache = cache
        self._count = count
        self._unpacker = Unpacker(self._array, self._op)
        self._ops: dict[int, OpInfo] = {}
        self._room = _Room()

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
            row = self._database.row("SELECT kind, data FROM events WHERE number = ?", place + 1, of=tuple[str, bytes])
            if row is not None:
                event = self._event(place, *row)
            elif place < self._count():
                raise self._database.damaged(f"event #{place + 1} is missing")
        return event

    def __iter__(self) -> Iterator[Event]:
        done = 0
        while done < self._count():
            query = "SELECT number, kind, data FROM events WHERE number > ? ORDER BY number LIMIT ?"
            rows = self._database.rows(query, done, _CHUNK, of=tuple[int, str, bytes])
            for number, kind, data in rows or [(0, "", b"")]:
                if number != done + 1:
                    raise self._database.damaged(f"event #{done + 1} is missing")
                yield self._cache.get(done) or self._event(done, kind, data)
                done += 1

    def _event(self, place: int, kind: str, data: bytes) -> Event:
        self._room.left = MOST_BYTES
        try:
            event = self._unpacker.unpack(kind, data)
            check_event(place + 1, event)
        except _WRONG as error:
            raise self._database.damaged(f"event #{place + 1}: {error or type(error).__name__}") from None
        self._cache.put(place, event, _SIZE)
        return event

    def _array(self, stored: int) -> Array:
        key = ("array", stored)
        array = self._cache.get(key)
        if array is None:
            query = "SELECT dtype, shape, coding, data FROM arrays LEFT JOIN contents USING (id) WHERE id = ?"
            row = self._database.row(query, stored, of=tuple[str, str, str, bytes | None])
            if row is None:
                raise KeyError(f"array {stored} is missing")
            dtype, shape, coding, data = row
            if data is None:
                return self._thinned(stored, dtype, shape_of(dtype, shape, self._room.left))
            array = decoded(dtype, shape, coding, data, self._room.left)
            self._cache.put(key, array, array.nbytes + 200)
        self._room.left -= array.nbytes
        return array

    def _thinned(self, stored: int, dtype: str, shape: tuple[int, ...]) -> Array:
        """What is known of a value that was not kept."""
        query = "SELECT min, max, mean, norm, zeros, nan, inf FROM arrays WHERE id = ?"
        row = self._database.row(query, stored, of=_Known)
        if row is None:
            raise KeyError(f"array {stored} is missing")
        low, high, mean, norm, zeros, nan, inf = row
        known = Health(low, high, mean, math.nan if norm is None else norm, zeros, nan, inf, math.prod(shape))
        return thinned(dtype, shape, known, stored)

    def supply(self, arrays: Mapping[int, Array]) -> None:
        """Gives the contents of values that were not kept, by their numbers; they stay while there is room for them."""
        self._cache.clear()
        for stored, array in arrays.items():
            self._cache.put(("array", stored), array, array.nbytes + 200)

    def _op(self, stored: int) -> OpInfo:
        info = self._ops.get(stored)
        if info is None:
            row = self._database.row("SELECT data FROM ops WHERE id = ?", stored, of=tuple[bytes])
            if row is None:
                raise KeyError(f"op {stored} is missing")
            info = self._ops[stored] = op_of(row[0])
        return info
