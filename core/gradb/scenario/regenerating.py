"""Values that a trace file did not keep, by running the program again: `Regeneration(scenario, trace).fill(at)`.

A run of a scenario is the same each time, so its events have the same numbers. What the new run gives is compared with
what the file knows of each value before anything is filled in.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

import numpy as np

from gradb.errors import UserError
from gradb.scenario.program.budget import Budget, Cancelled
from gradb.scenario.runner import NO_LIMITS, Run, budget
from gradb.scenario.scenario import Scenario
from gradb.trace.events import Array, Event, TensorState
from gradb.trace.file.trace import FileTrace
from gradb.trace.health import Health, health
from gradb.trace.thinned import ThinnedArray, arrays_in, is_thinned
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell

BEFORE, AFTER = 2, 50  # steps around the one that is asked for that are filled in with it
ROOM = 64 << 20  # bytes of values that are filled in at once
_CLOSE = 1e-5  # relative difference of healths that two machines may have
_PER_EVENT = 2e-3  # seconds that each recorded event adds to what the program may take


class Regeneration:
    """Fills in what a trace file lacks, a stretch of steps at a time."""

    def __init__(self, scenario: Scenario, trace: FileTrace) -> None:
        self._scenario = scenario
        self._trace = trace
        self._filled: set[int] = set()
        self._too_large: set[int] = set()
        self._gave_up = False
        self._run: Run | None = None

    @property
    def is_possible(self) -> bool:
        """Whether there is a program that may run again: a script of the user's own may do more than compute."""
        return bool(self._scenario.document) and not self._scenario.trusted

    def lacks(self, at: int) -> bool:
        """Whether values of the step of an event are missing and can be filled in."""
        trace = self._trace
        if not self.is_possible or not at or not trace.lacks_values(at):
            return False
        step = trace.step_of(at)
        if self._gave_up or step in self._too_large:
            return False
        return step not in self._filled or any(map(is_thinned, arrays_in(trace.event(at))))

    def fill(self, at: int) -> None:
        """Runs the program again, up to some steps after that of event `at`, and fills in the values there.

        Raises UserError where the program cannot be run to there, or does something else than it did, saying where.
        """
        step = self._trace.step_of(at)
        first = self._trace.step_span(max(step - BEFORE, 1))[0]
        last = self._trace.step_span(min(step + AFTER, self._trace.steps))[1]
        window = Window(first, last, self._held_at(first))
        self._run = _Again(self._scenario, len(self._trace), window)
        window.stop = self._run.cancel
        try:
            self._again(self._run, window)
            found: dict[int, Array] = {}
            for number, event in sorted(window.events.items()):
                for stored, array in compared(self._trace, number, event):
                    found[stored] = array
            self._trace.supply(found)
        except Cancelled:
            raise
        except UserError:
            self._gave_up = True
            raise
        if any(map(is_thinned, arrays_in(self._trace.event(at)))):
            self._too_large.add(step)  # one event's values need more room than there is
        done = min(window.count, last)
        self._filled = {*range(self._trace.step_of(first), self._trace.step_of(done) + 1)}

    def cancel(self) -> None:
        """Asks a `fill` in another thread to stop; it raises Cancelled."""
        if self._run is not None:
            self._run.cancel()

    def _again(self, run: Run, window: "Window") -> None:
        try:
            run.run()
        except Cancelled:
            if window.is_open:
                raise
        except RuntimeError as error:
            raise UserError(f"the program cannot run again now: {error}") from None
        if window.count < window.last and not window.is_full:
            recorded = len(self._trace)
            raise UserError(
                f"the program gave {window.count} events when it ran again, and {recorded} when it was recorded",
                where=self._trace.address(min(window.count + 1, len(self._trace))),
            )

    def _held_at(self, first: int) -> set[int]:
        """The events that gave the variables what they hold where the window begins."""
        trace = self._trace
        found: set[int] = set()
        for name in trace.bindings:
            tensor = trace.lookup(name, first)
            if tensor is not None:
                found |= {trace.last_write(Cell(tensor, what), first) or 0 for what in ("value", "grad")}
        return found - {0}


class Window:
    """Takes the events of a run in place of a trace's list, and keeps those of a stretch of it, and some before."""

    def __init__(self, first: int, last: int, more: set[int]) -> None:
        self.last = last
        self.events: dict[int, Event] = {}
        self.count = 0
        self.stop = _nothing
        self._first = first
        self._more = more
        self._size = 0
        self._seen: set[int] = set()

    @property
    def is_full(self) -> bool:
        """Whether the values take all the room there is."""
        return self._size > ROOM

    @property
    def is_open(self) -> bool:
        """Whether there are events to come."""
        return self.count <= self.last and not self.is_full

    def append(self, event: Event) -> None:
        """The next event."""
        self.count += 1
        number = self.count
        if not self.is_open:
            self.stop()
        elif number >= self._first or number in self._more:
            self.events[number] = event
            for array in arrays_in(event):
                if id(array) not in self._seen:
                    self._seen.add(id(array))
                    self._size += array.nbytes

    def __len__(self) -> int:
        return self.count


class _Again(Run):
    """The same run, told to a window instead of a trace."""

    def __init__(self, scenario: Scenario, events: int, window: Window) -> None:
        super().__init__(scenario, _allowed(scenario, events))
        self.trace = Trace(self.trace.header)
        self.trace.events = cast("list[Event]", window)


def _allowed(scenario: Scenario, events: int) -> Budget:
    """What any run of the scenario may use; a long run that was recorded with more has time by its length."""
    usual = budget(scenario.limits, NO_LIMITS)
    return replace(usual, events=2 * events + 1000, seconds=usual.seconds + _PER_EVENT * events)


def compared(trace: Trace, number: int, again: Event) -> Iterator[tuple[int, Array]]:
    """The values that an event of a trace file lacks, by their numbers there, from the same event of another run.

    Raises UserError where that event is another one, or a value has another shape, dtype or health.
    """
    was = trace.event(number)
    where = f"{trace.address(number)}, line {was.line}"
    if type(was) is not type(again):
        raise _differs(where, f"{was.kind} was recorded, and {again.kind} happens now")
    for name in was.__struct_fields__:
        yield from _parts(where, name, getattr(was, name), getattr(again, name))


def _parts(where: str, name: str, was: Any, now: Any) -> Iterator[tuple[int, Array]]:
    if isinstance(was, np.ndarray) and isinstance(now, np.ndarray):
        if (was.shape, was.dtype) != (now.shape, now.dtype):
            raise _differs(where, f"{name} was {was.dtype} of {was.shape}, and is {now.dtype} of {now.shape}")
        if isinstance(was, ThinnedArray) and was.health is not None:
            _same_health(where, name, was.health, health(now))
            yield was.stored, now
    elif isinstance(was, tuple) and isinstance(now, tuple):
        for one, other in zip(was, now, strict=False):
            yield from _parts(where, name, one, other)
    elif isinstance(was, TensorState) and isinstance(now, TensorState):
        yield from _parts(where, name, was.array, now.array)


def _same_health(where: str, name: str, was: Health, now: Health) -> None:
    for what in was.__struct_fields__:
        one, other = getattr(was, what), getattr(now, what)
        if one is None or other is None:
            same = one is other
        else:
            scale = max(abs(was.min or 0), abs(was.max or 0)) if what == "mean" else 0
            same = one == other or math.isclose(one, other, rel_tol=_CLOSE, abs_tol=_CLOSE * scale)
            same = same or (math.isnan(one) and math.isnan(other))
        if not same:
            raise _differs(where, f"the {what} of {name} was {one:g}, and is {other:g}" if one is not None else name)


def _differs(where: str, what: str) -> UserError:
    return UserError(
        f"the program does something else than it did: {what}",
        where=where,
        fix="record the run again with this version, or walk what the file has",
    )


def _nothing() -> None:
    """Until the run is there, nothing can be stopped."""


def regeneration(scenario: Scenario | None, trace: Trace) -> Regeneration | None:
    """What fills in the values that a trace lacks, None where it lacks none or they cannot be computed again."""
    if scenario is None or not isinstance(trace, FileTrace) or trace.keep.everything:
        return None
    found = Regeneration(scenario, trace)
    return found if found.is_possible else None
