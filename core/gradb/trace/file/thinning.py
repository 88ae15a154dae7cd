"""Which arrays of a run that is written are to be thinned: `Thinning(keep)` is told of uses and ends of steps.

An array is thinned when the last step that used it is at its end and is not kept. What a kept step used stays, and so
do values that later steps begin with: tensors that were made in the first step, and parameters before a kept step.
"""

from bisect import bisect_right
from collections.abc import Sequence

from gradb.trace.cutting import Segment
from gradb.trace.file.arrays import REMEMBERED
from gradb.trace.file.keep import CHECKPOINT, Keep


class Thinning:
    """Keeps in mind the arrays that the running step has used, and those that are recognised when they come again."""

    def __init__(self, keep: Keep) -> None:
        self.keep = keep
        self._used: dict[int, int] = {}  # by id, the event that used an array last, since the last `take_used`
        self._open: dict[int, int] = {}  # of steps that are not at their end
        self._parameters: dict[int, int] = {}  # by id, the event that gave a parameter this value in a step that runs
        self._needed: dict[int, None] = {}  # by steps that are kept
        self._pinned: set[int] = set()

    def use(self, stored: int, event: int) -> None:
        """An event uses an array."""
        self._used[stored] = event

    def parameter(self, stored: int, event: int) -> None:
        """The array is the value of a tensor that came to be at an event, or of a parameter that was updated."""
        self._parameters[stored] = event

    def is_pinned(self, stored: int) -> bool:
        """Whether an array stays, whatever the budget."""
        return stored in self._pinned

    def take_used(self) -> dict[int, int]:
        """The uses since the last time."""
        used, self._used = self._used, {}
        self._open.update(used)
        return used

    def ended(self, segments: Sequence[Segment], at_end: int = 0) -> list[int]:
        """The arrays to thin now; `segments` are those of the steps since the last call, of which the last one runs.

        `at_end` is the last event of the run where that is at its end: then no step runs.
        """
        if not segments:
            return []
        starts = [segment.start for segment in segments]
        last_step = segments[-1].step
        running = at_end + 1 if at_end else next(one.start for one in segments if one.step == last_step)

        def step_of(event: int) -> int:
            return segments[max(bisect_right(starts, event) - 1, 0)].step

        for stored, event in [(stored, event) for stored, event in self._parameters.items() if event < running]:
            del self._parameters[stored]
            step = step_of(event)
            if step == 1 or step % CHECKPOINT == 0 or (at_end and step == last_step):
                self._pinned.add(stored)
            elif self.keep.keeps(step + 1):
                self._needed[stored] = None
        found: list[int] = []
        for stored, event in [(stored, event) for stored, event in self._open.items() if event < running]:
            del self._open[stored]
            if self.keep.keeps(step_of(event)):
                self._needed[stored] = None
            elif stored not in self._needed and stored not in self._pinned:
                found.append(stored)
        while len(self._needed) > 2 * REMEMBERED:
            del self._needed[next(iter(self._needed))]
        return found
