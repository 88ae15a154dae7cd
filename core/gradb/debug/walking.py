"""Event numbers along a run, from a moment onwards or backwards: `along`, `merged`, `tensor_writes`, `phase_starts`.

Each gives the numbers one by one in the order of the walk, and none that is the moment itself, so that who looks for
the next one need not go through the run.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge

from gradb.trace.trace import Bindings, Trace
from gradb.trace.writes import Cell, What


def along(numbers: Sequence[int], at: int, forward: bool) -> Iterator[int]:
    """The numbers of a sorted list after a moment, or before it from the last one back."""
    if forward:
        for place in range(bisect_right(numbers, at), len(numbers)):
            yield numbers[place]
    else:
        for place in range(bisect_left(numbers, at) - 1, -1, -1):
            yield numbers[place]


def merged(walks: Iterable[Iterator[int]], forward: bool) -> Iterator[int]:
    """Several walks in one, each number once."""
    last = 0
    for number in merge(*walks, reverse=not forward):
        if number != last:
            yield number
        last = number


def all_events(trace: Trace, at: int, forward: bool) -> Iterator[int]:
    """Every event."""
    return iter(range(at + 1, len(trace) + 1) if forward else range(at - 1, 0, -1))


def tensor_writes(trace: Trace, name: str, what: What, at: int, forward: bool) -> Iterator[int]:
    """The events that write what a variable holds: of each tensor, the writes while the variable held it.

    The op that made a tensor counts too, though the variable holds it only from the next moment on.
    """
    held = trace.bindings.get(name)
    if held is None:
        return
    start = max(bisect_right(held.since, at) - 1, 0)
    # A tensor is written at its making, before the variable holds it: the one after may have a write before `at` too.
    order = range(start, len(held.ids)) if forward else range(min(start + 1, len(held.ids) - 1), -1, -1)
    for place in order:
        first, last = _held(trace, name, held, place)
        for number in along(
            trace.writes(Cell(held.ids[place], what)), max(at, first - 1) if forward else min(at, last + 1), forward
        ):
            if not first <= number <= last:
                break
            yield number


def _held(trace: Trace, name: str, held: Bindings, place: int) -> tuple[int, int]:
    """The first and last event at which a write to the variable's tensor is one to the variable."""
    tensor = held.ids[place]
    first = held.since[place]
    if trace.names.get(tensor) == name and tensor not in held.ids[:place][-1:]:
        made = trace.writes(Cell(tensor))
        before = held.since[place - 1] if place else 0
        first = min(first, max(made[0], before + 1)) if made else first
    last = held.since[place + 1] if place + 1 < len(held.ids) else len(trace)
    if place + 1 < len(held.ids):
        made = trace.writes(Cell(held.ids[place + 1]))
        last = min(last, made[0] - 1) if made and made[0] > first else last
    return first, last


def line_starts(trace: Trace, line: int, at: int, forward: bool) -> Iterator[int]:
    """The events at which the run comes to a line: where the event before is on another one."""
    for number in along(trace.on_line(line), at, forward):
        if number == 1 or trace.events[number - 2].line != line:
            yield number


def phase_starts(trace: Trace, at: int, forward: bool) -> Iterator[int]:
    """The first event of each phase of each step."""
    while len(trace):
        if forward:
            number = trace.phase_span(at)[1] + 1 if at else 1
            if number > len(trace):
                return
        else:
            if at <= 1:
                return
            number = trace.phase_span(at)[0]
            number = number if number < at else trace.phase_span(at - 1)[0]
        yield number
        at = number
