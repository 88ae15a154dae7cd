"""`--until`: where a walk ends, `first_stop(trace, texts, numbers)`, and what is said of it."""

from collections.abc import Sequence

from gradb.debug.breakpoints import Breakpoints, Stop
from gradb.trace.trace import Trace


def first_stop(trace: Trace, texts: Sequence[str], numbers: range) -> Stop | None:
    """The first of the events at which one of the breakpoints stops. Raises UserError for names that no event has."""
    breakpoints = Breakpoints()
    for text in texts:
        breakpoints.add(text, trace)
    stop = breakpoints.next(trace, numbers.start - 1)
    return stop if stop is not None and stop.event in numbers else None


def stop_text(trace: Trace, stop: Stop | None, texts: Sequence[str]) -> str:
    """Where the walk ended and why, in a line for each breakpoint."""
    if stop is None:
        return f"the walk goes to its end: {', '.join(texts)} never stops it"
    lines = [f"the walk ends at {trace.address(stop.event)}:"]
    for breakpoint_, outcome in zip(stop.breakpoints, stop.outcomes, strict=True):
        lines.append(f"  {breakpoint_.text}" + (f": {outcome}" if outcome is not None else ""))
    return "\n".join(lines)
