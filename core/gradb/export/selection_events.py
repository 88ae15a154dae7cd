"""The events of a selection, read once and in order: `for number, event in chosen(trace, selection)`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gradb.export.selection import Selection
from gradb.trace.events import Event

if TYPE_CHECKING:
    from gradb.trace.trace import Trace


def chosen(trace: "Trace", selection: Selection) -> Iterator[tuple[int, Event]]:
    """The numbers and events that have to do with the selected tensors."""
    tensors = selection.tensors
    for number, event in numbered(trace, selection.numbers):
        if tensors.all or tensors.concerned(event):
            yield number, event


def numbered(trace: "Trace", numbers: range) -> Iterator[tuple[int, Event]]:
    """The events of these numbers. From the first on, a file is read in pieces and not event by event."""
    if numbers.start == 1:
        yield from zip(numbers, trace.events, strict=False)
    else:
        for number in numbers:
            yield number, trace.event(number)
