"""JSON Lines: a header, then one event a line (`gradb schema trace` says what stands in them)."""

from collections.abc import Iterator

from gradb.export.json import Encoder
from gradb.export.selection import Selection
from gradb.export.selection_events import chosen
from gradb.trace.trace import Trace


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The export piece by piece: the header's line, then that of each selected event."""
    encoder = Encoder(trace)
    yield encoder.header() + b"\n"
    for number, _ in chosen(trace, selection):
        yield encoder.line(number) + b"\n"
