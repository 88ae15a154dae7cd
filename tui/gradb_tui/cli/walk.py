"""The readable walk: one line for each event, with its address, its source line and what happened."""

from collections.abc import Iterator

from gradb.trace.formulas import explain
from gradb.trace.trace import Trace

from gradb_tui.cli.output import clean


def walk(trace: Trace, numbers: range) -> Iterator[str]:
    """The lines of the walk, without their line breaks. A text of several lines is indented below its event."""
    if not numbers:
        return
    width = _address_width(trace, numbers)
    places = len(str(len(trace.source_lines)))
    for number in numbers:
        line = trace.events[number - 1].line
        head = f"{trace.address(number):<{width}}  line {line:>{places}}  "
        first, *rest = clean(explain(trace, number).title).split("\n")
        yield head + first
        for text in rest:
            yield " " * len(head) + text


def _address_width(trace: Trace, numbers: range) -> int:
    """The width of the longest address, as far as the first and the last step tell."""
    steps = {trace.step_of(numbers[0]), trace.step_of(numbers[-1])}
    return max(len(trace.address(last)) for step in steps for _, _, last in trace.phase_spans(step))
