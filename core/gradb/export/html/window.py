"""Which events one page holds: `window(trace, selection)` cuts a long run, and `left_out` says so."""

from gradb.export.selection import Selection
from gradb.trace.trace import Trace

MOST = 1500  # events of a run of which nothing was said
MOST_ASKED_FOR = 10_000  # of a range that was asked for


def window(trace: Trace, selection: Selection) -> range:
    """The selected events, or so many whole steps of them as a page can hold; the moment asked for is among them."""
    numbers = selection.numbers
    most = MOST if len(numbers) == len(trace) else MOST_ASKED_FOR
    if len(numbers) <= most:
        return numbers
    start = numbers.start
    if selection.at_moment and selection.at - start >= most:
        start = max(start, trace.step_span(trace.step_of(selection.at))[0], selection.at - most + 1)
    stop = min(numbers.stop, start + most)
    first_of_last = trace.step_span(trace.step_of(stop - 1))[0]
    whole = stop == numbers.stop or trace.step_span(trace.step_of(stop - 1))[1] == stop - 1
    if not whole and first_of_last > start and not (selection.at_moment and selection.at >= first_of_last):
        stop = first_of_last
    return range(start, stop)


def left_out(trace: Trace, shown: range) -> str:
    """Says which events the page has, empty where it has all."""
    if len(shown) == len(trace):
        return ""
    first, last = trace.step_of(shown.start), trace.step_of(shown.stop - 1)
    steps = f"step {first}" if first == last else f"steps {first} to {last}"
    return (
        f"This page holds the events {shown.start:,} to {shown.stop - 1:,} ({steps}) of {len(trace):,} "
        f"({trace.steps:,} steps). Export others with --steps, --from and --to."
    )
