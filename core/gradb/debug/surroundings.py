"""An event among its neighbours, as lines of text: `around(trace, at)`, and where one is missing: `around_gap`."""

from collections.abc import Iterator

from gradb.trace.formulas import explain
from gradb.trace.trace import Trace

BEFORE, AFTER = 3, 2  # events that are shown


def around(trace: Trace, at: int) -> Iterator[str]:
    """A line for each event near event `at`, which is marked with `>`."""
    for number, text in _lines(trace, at - BEFORE, at + AFTER):
        yield f"{'>' if number == at else ' '} {text}"


def around_gap(trace: Trace, after: int) -> Iterator[str]:
    """A line for each event near moment `after`, where the other run has an event that this one has not."""
    end = after == len(trace)
    gap = "> the end" if end else "> (no such event)"
    if after == 0:
        yield gap
    for number, text in _lines(trace, after - BEFORE + 1, after + AFTER):
        yield f"  {text}"
        if number == after:
            yield gap


def _lines(trace: Trace, first: int, last: int) -> list[tuple[int, str]]:
    """The events from `first` to `last` that there are: number, and address, line and title as text."""
    numbers = range(max(1, first), min(len(trace), last) + 1)
    addresses = [trace.address(number) for number in numbers]
    width = max(map(len, addresses), default=0)
    lines: list[tuple[int, str]] = []
    for number, address in zip(numbers, addresses, strict=True):
        title = explain(trace, number).title.partition("\n")[0]
        lines.append((number, f"{address:<{width}}  line {trace.events[number - 1].line:>3}  {title}"))
    return lines
