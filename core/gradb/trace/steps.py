"""The training steps of a run and their phases: `steps.place(n)` says where event n lies.

A step is one turn of the innermost loop that runs while `backward()` is called. A program whose loops are not known
is cut where the first zero_grad or grad-mode forward op follows an update. What comes before the first step belongs
to it. Forward lasts until backward_started, backward until backward_finished, update is the rest.
"""

from bisect import bisect_right
from typing import NamedTuple

from gradb.trace.events import BackwardFinished, BackwardStarted, Event, Forward, Update, ZeroGrad

PHASES = ("forward", "backward", "update")


class Place(NamedTuple):
    """The step of an event (from 1), its phase, and its position in that phase of the step (from 1)."""

    step: int
    phase: str
    position: int


class Segment(NamedTuple):
    """A run of events in one phase; `before` counts the events of that step and phase in earlier segments."""

    start: int
    step: int
    phase: str
    before: int


class Steps:
    """Cuts a growing list of events into segments. `cuts` tells of each backward in a loop where its turn began."""

    def __init__(self, events: list[Event], cuts: list[tuple[int, int]], instrumented: bool) -> None:
        self._events = events
        self._cuts = cuts
        self._instrumented = instrumented
        self._done = 0
        self._cuts_done = 0
        self._starts: list[int] = []
        self._segments: list[Segment] = []
        self._step_starts: list[int] = []  # of each step its first segment
        self._last_backward = 0
        self._walked = False  # whether the current step has seen a backward
        self._updated = False

    @property
    def count(self) -> int:
        """How many steps there are."""
        self._catch_up()
        return len(self._step_starts)

    def place(self, number: int) -> Place:
        """Where an event lies. Before the first event (0) that is the start of step 1."""
        self._catch_up()
        if not self._segments:
            return Place(1, "forward", 0)
        segment = self._segments[max(bisect_right(self._starts, number) - 1, 0)]
        return Place(segment.step, segment.phase, segment.before + number - segment.start + 1)

    def span(self, step: int) -> tuple[int, int]:
        """The first and last event of a step."""
        self._catch_up()
        first = self._segments[self._step_starts[step - 1]].start
        if step == len(self._step_starts):
            return first, len(self._events)
        return first, self._segments[self._step_starts[step]].start - 1

    def phase_spans(self, step: int) -> list[tuple[str, int, int]]:
        """The segments of a step: phase, first event, last event."""
        self._catch_up()
        first = self._step_starts[step - 1]
        last = self._step_starts[step] if step < len(self._step_starts) else len(self._segments)
        return [(self._segments[i].phase, self._segments[i].start, self._end(i)) for i in range(first, last)]

    def phase_span_at(self, number: int) -> tuple[int, int]:
        """The first and last event of the segment that an event lies in; 0 and 0 while there is no event."""
        self._catch_up()
        if not self._segments:
            return 0, 0
        i = max(bisect_right(self._starts, number) - 1, 0)
        return self._segments[i].start, self._end(i)

    def find(self, step: int, phase: str, position: int) -> int | None:
        """The event at a position of a phase, None where there are fewer."""
        left = position
        for found, first, last in self.phase_spans(step):
            if found == phase:
                if left <= last - first + 1:
                    return first + left - 1
                left -= last - first + 1
        return None

    def _end(self, i: int) -> int:
        return self._starts[i + 1] - 1 if i + 1 < len(self._starts) else len(self._events)

    # --- cutting

    def _catch_up(self) -> None:
        for number in range(self._done + 1, len(self._events) + 1):
            self._feed(number, self._events[number - 1])
            self._done = number

    def _feed(self, number: int, event: Event) -> None:
        if not self._segments:
            self._begin_step(number)
        if isinstance(event, BackwardStarted):
            self._cut_at_turn(number)
            self._walked, self._updated, self._last_backward = True, False, number
            self._begin(number, "backward")
            return
        if isinstance(self._events[number - 2], BackwardFinished) and number > 1:
            self._begin(number, "update")
        if self._instrumented or not self._walked:
            return
        if isinstance(event, Update):
            self._updated = True
        elif self._updated and (isinstance(event, ZeroGrad) or (isinstance(event, Forward) and event.grad_mode)):
            self._begin_step(number)

    def _cut_at_turn(self, number: int) -> None:
        if self._cuts_done == len(self._cuts) or self._cuts[self._cuts_done][0] != number:
            return
        turn = self._cuts[self._cuts_done][1]
        self._cuts_done += 1
        if turn > self._last_backward > 0:
            while self._starts and self._starts[-1] >= turn:
                self._starts.pop()
                self._segments.pop()
            self._begin_step(turn)

    def _begin_step(self, number: int) -> None:
        self._walked = self._updated = False
        self._step_starts.append(len(self._segments))
        self._append(Segment(number, len(self._step_starts), "forward", 0))

    def _begin(self, number: int, phase: str) -> None:
        last = self._segments[-1]
        if last.phase == phase:
            return
        if last.start == number:  # nothing came before it in its phase
            self._segments.pop()
            self._starts.pop()
        step = len(self._step_starts)
        before = 0
        for i in range(self._step_starts[-1], len(self._segments)):
            if self._segments[i].phase == phase:
                before += (self._starts[i + 1] if i + 1 < len(self._starts) else number) - self._starts[i]
        self._append(Segment(number, step, phase, before))

    def _append(self, segment: Segment) -> None:
        self._segments.append(segment)
        self._starts.append(segment.start)
