"""Event numbers along a run, from a moment onwards or backwards: `along`, `merged`, `line_starts`, `phase_starts`.

Each gives the numbers one by one in the order of the walk, and none that is the moment itself, so that who looks for
the next one need not go through the run.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge

from gradb.trace.trace import Trace


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
