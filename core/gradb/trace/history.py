"""When a variable got another value or gradient, over all the tensors that it held: `Writes`, sorted event numbers."""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from threading import RLock
from typing import NamedTuple, overload

from gradb.trace.writes import Cell, What


class Bindings(ABC):
    """The tensors that a variable has held: since which moment, and which id, in order of time."""

    @property
    @abstractmethod
    def since(self) -> Sequence[int]:
        """The moments."""

    @property
    @abstractmethod
    def ids(self) -> Sequence[int]:
        """The tensors."""

    def at(self, moment: int) -> int | None:
        """The tensor that the variable held at a moment, None before its first."""
        place = bisect_right(self.since, moment)
        return self.ids[place - 1] if place else None


class MemoryBindings(Bindings):
    """In lists that grow."""

    def __init__(self, since: int, tensor_id: int) -> None:
        self._since = [since]
        self._ids = [tensor_id]

    @property
    def since(self) -> Sequence[int]:
        return self._since

    @property
    def ids(self) -> Sequence[int]:
        return self._ids

    def add(self, since: int, tensor_id: int) -> None:
        """The variable holds the tensor from now on."""
        self._ids.append(tensor_id)  # first, so that another thread finds a tensor for each moment
        self._since.append(since)


class Writes(Sequence[int]):
    """The events after which a variable's value (or `.grad`) was another one. It grows with the trace.

    A value changes where the variable takes another tensor and where its tensor is written; a gradient only where it
    is written. What is asked of it by bisection takes O(log n), once the bindings since the last question are read.
    """

    def __init__(self, held: Bindings, writes: Callable[[Cell], Sequence[int]], what: What, lock: RLock) -> None:
        self._held = held
        self._writes = writes
        self._what: What = what
        self._past: list[int] = []  # of all tensors but the one that the variable holds now
        self._read = 0
        self._lock = lock

    def __len__(self) -> int:
        now = self._now()
        return now.past + now.taken + len(now.own) - now.first

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...

    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        if place < 0:
            place += len(self)
        now = self._now()
        if 0 <= place < now.past:
            return self._past[place]
        place -= now.past
        if place < 0 or place >= now.taken + len(now.own) - now.first:
            raise IndexError("no such write")
        return now.since if place < now.taken else now.own[now.first + place - now.taken]

    def _now(self) -> "_Now":
        with self._lock:
            last = len(self._held.since) - 1
            self._catch_up(last)
            since = self._since(last)
            own = self._writes(Cell(self._held.ids[last], self._what))
            taken = self._what == "value" and (not self._past or self._past[-1] < since)
            return _Now(len(self._past), since, int(taken), own, self._first(own, last))

    def _since(self, i: int) -> int:
        return max(1, self._held.since[i])

    def _first(self, own: Sequence[int], i: int) -> int:
        return (bisect_right if self._what == "value" else bisect_left)(own, self._since(i))

    def _catch_up(self, last: int) -> None:
        while self._read < last:
            i = self._read
            if self._what == "value" and (not self._past or self._past[-1] < self._since(i)):
                self._past.append(self._since(i))
            own = self._writes(Cell(self._held.ids[i], self._what))
            self._past += own[self._first(own, i) : bisect_left(own, self._since(i + 1))]
            self._read += 1


class _Now(NamedTuple):
    """The past writes, how many; the tensor that the variable holds now: since when, whether taking it counts (0 or 1),
    its own writes, and the first of them since the variable holds it."""

    past: int
    since: int
    taken: int
    own: Sequence[int]
    first: int


class LineRuns:
    """The first event of each run of events that belong to one source line, in order."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self._read = 0

    def catch_up(self, events: Sequence[object]) -> list[int]:
        """Reads what came since, and returns the starts."""
        line = getattr(events[self._read - 1], "line", None) if self._read else None
        for number in range(self._read + 1, len(events) + 1):
            here = getattr(events[number - 1], "line", None)
            if number == 1 or here != line:
                self.starts.append(number)
            line = here
            self._read = number
        return self.starts
