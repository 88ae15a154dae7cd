"""Cuts a run into segments of one step and phase: `Cutter(...).feed(number, event)`, event after event.

A step is one turn of the innermost loop that runs while `backward()` is called. A program whose loops are not known
is cut where the first zero_grad or grad-mode forward op follows an update. What comes before the first step belongs
to it. Forward lasts until backward_started, backward until backward_finished, update is the rest.
"""

from typing import NamedTuple

from gradb.trace.events import BackwardFinished, BackwardStarted, Event, Forward, Update, ZeroGrad

PHASES = ("forward", "backward", "update")


class Segment(NamedTuple):
    """A run of events in one phase; `before` counts the events of that step and phase in earlier segments."""

    start: int
    step: int
    phase: str
    before: int


class Cutter:
    """The segments so far. Those of the last step may still change, and earlier ones never do.

    `cuts` tells of each backward in a loop where its turn began; it may grow. `firsts` has the place of each step's
    first segment in `segments`, and `steps` counts the steps.
    """

    def __init__(self, cuts: list[tuple[int, int]], instrumented: bool) -> None:
        self.segments: list[Segment] = []
        self.firsts: list[int] = []
        self.steps = 0
        self._cuts = cuts
        self._cuts_done = 0
        self._instrumented = instrumented
        self._last_backward = 0
        self._after_backward = False  # whether the event before was a backward_finished
        self._walked = False  # whether the current step has seen a backward
        self._updated = False

    def feed(self, number: int, event: Event) -> None:
        """Takes the next event."""
        after_backward, self._after_backward = self._after_backward, isinstance(event, BackwardFinished)
        if not self.segments:
            self._begin_step(number)
        if isinstance(event, BackwardStarted):
            self._cut_at_turn(number)
            self._walked, self._updated, self._last_backward = True, False, number
            self._begin(number, "backward")
            return
        if after_backward:
            self._begin(number, "update")
        if self._instrumented or not self._walked:
            return
        if isinstance(event, Update):
            self._updated = True
        elif self._updated and (isinstance(event, ZeroGrad) or (isinstance(event, Forward) and event.grad_mode)):
            self._begin_step(number)

    def forget(self) -> None:
        """Lets go of what cannot change any more: the segments of earlier steps, and the cuts that were made."""
        if self.firsts:
            del self.segments[: self.firsts[-1]]
            self.firsts = [0]
        del self._cuts[: self._cuts_done]
        self._cuts_done = 0

    def _cut_at_turn(self, number: int) -> None:
        if self._cuts_done == len(self._cuts) or self._cuts[self._cuts_done][0] != number:
            return
        turn = self._cuts[self._cuts_done][1]
        self._cuts_done += 1
        if turn > self._last_backward > 0:
            while self.segments and self.segments[-1].start >= turn:
                self.segments.pop()
            self._begin_step(turn)

    def _begin_step(self, number: int) -> None:
        self._walked = self._updated = False
        self.steps += 1
        self.firsts.append(len(self.segments))
        self.segments.append(Segment(number, self.steps, "forward", 0))

    def _begin(self, number: int, phase: str) -> None:
        last = self.segments[-1]
        if last.phase == phase:
            return
        if last.start == number:  # nothing came before it in its phase
            self.segments.pop()
        before = 0
        for i in range(self.firsts[-1], len(self.segments)):
            if self.segments[i].phase == phase:
                end = self.segments[i + 1].start if i + 1 < len(self.segments) else number
                before += end - self.segments[i].start
        self.segments.append(Segment(number, self.steps, phase, before))
