"""The training steps of a run and their phases: `steps.place(n)` says where event n lies.

What a step and a phase are, `trace/cutting.py` says.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from threading import RLock
from typing import NamedTuple

from gradb.trace.cutting import Cutter, Segment
from gradb.trace.events import Event

_START = attrgetter("start")


class Place(NamedTuple):
    """The step of an event (from 1), its phase, and its position in that phase of the step (from 1)."""

    step: int
    phase: str
    position: int


class Span(NamedTuple):
    """A segment, and its last event."""

    segment: Segment
    last: int


class Steps(ABC):
    """What is asked of the steps of a run, wherever its segments are kept."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many steps there are."""

    @abstractmethod
    def at(self, number: int) -> Span | None:
        """The segment that an event lies in, the first one for 0; None while there is no event."""

    @abstractmethod
    def of(self, step: int) -> list[Span]:
        """The segments of a step, in order."""

    def place(self, number: int) -> Place:
        """Where an event lies. Before the first event (0) that is the start of step 1."""
        found = self.at(number)
        if found is None:
            return Place(1, "forward", 0)
        segment = found.segment
        return Place(segment.step, segment.phase, segment.before + number - segment.start + 1)

    def span(self, step: int) -> tuple[int, int]:
        """The first and last event of a step."""
        spans = self.of(step)
        return spans[0].segment.start, spans[-1].last

    def phase_spans(self, step: int) -> list[tuple[str, int, int]]:
        """The segments of a step: phase, first event, last event."""
        return [(segment.phase, segment.start, last) for segment, last in self.of(step)]

    def phase_span_at(self, number: int) -> tuple[int, int]:
        """The first and last event of the segment that an event lies in; 0 and 0 while there is no event."""
        found = self.at(number)
        return (0, 0) if found is None else (found.segment.start, found.last)

    def find(self, step: int, phase: str, position: int) -> int | None:
        """The event at a position of a phase, None where there are fewer."""
        left = position
        for found, first, last in self.phase_spans(step):
            if found == phase:
                if left <= last - first + 1:
                    return first + left - 1
                left -= last - first + 1
        return None


class MemorySteps(Steps):
    """The steps of a growing list of events, which are cut when somebody asks."""

    def __init__(self, events: Sequence[Event], cuts: list[tuple[int, int]], instrumented: bool, lock: RLock) -> None:
        self._events = events
        self._cutter = Cutter(cuts, instrumented)
        self._done = 0
        self._lock = lock  # the segments of the last step may still be taken back

    @property
    def count(self) -> int:
        with self._lock:
            self._catch_up()
            return self._cutter.steps

    def at(self, number: int) -> Span | None:
        with self._lock:
            self._catch_up()
            segments = self._cutter.segments
            return self._span(max(bisect_right(segments, number, key=_START) - 1, 0)) if segments else None

    def of(self, step: int) -> list[Span]:
        with self._lock:
            self._catch_up()
            firsts = self._cutter.firsts
            last = firsts[step] if step < len(firsts) else len(self._cutter.segments)
            return [self._span(i) for i in range(firsts[step - 1], last)]

    def _span(self, i: int) -> Span:
        segments = self._cutter.segments
        return Span(segments[i], segments[i + 1].start - 1 if i + 1 < len(segments) else len(self._events))

    def _catch_up(self) -> None:
        for number in range(self._done + 1, len(self._events) + 1):
            self._cutter.feed(number, self._events[number - 1])
            self._done = number
