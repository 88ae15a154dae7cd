"""An event among its neighbours, as lines of text: `around(trace, at)`."""

from collections.abc import Iterator

from gradb.trace.formulas import explain
from gradb.trace.trace import Trace


def around(trace: Trace, at: int, before: int = 3, after: int = 2) -> Iterator[str]:
    """A line for each event from `before` events earlier to `after` events later; event `at` is marked with `>`.

    A number beyond the last event stands for the end of the run, which is then marked below the last events.
    """
    last = len(trace)
    numbers = range(max(1, at - before), min(last, at + after) + 1)
    addresses = [trace.address(number) for number in numbers]
    width = max(map(len, addresses), default=0)
    for number, address in zip(numbers, addresses, strict=True):
        title = explain(trace, number).title.partition("\n")[0]
        line = trace.events[number - 1].line
        yield f"{'>' if number == at else ' '} {address:<{width}}  line {line:>3}  {title}"
    if at > last:
        yield "> the end"
