"""JSON Lines: a header, then one event a line (`gradb schema trace` says what stands in them)."""

from collections.abc import Iterator

from gradb.export.json import Encoder
from gradb.trace.trace import Trace


def chunks(trace: Trace) -> Iterator[bytes]:
    """The export piece by piece: the header's line, then that of each event."""
    encoder = Encoder(trace)
    yield encoder.header() + b"\n"
    for number in range(1, len(trace) + 1):
        yield encoder.line(number) + b"\n"
