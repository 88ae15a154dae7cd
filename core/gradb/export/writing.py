"""Writing a trace in a format: `write(trace, "csv", path)` a file, `pieces(trace, "csv")` its bytes piece by piece."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradb.export.files import write_file
from gradb.export.formats import find
from gradb.export.selection import Request as Request
from gradb.export.selection import select

if TYPE_CHECKING:
    from gradb.trace.trace import Trace


def pieces(trace: "Trace", format_: str, request: Request | None = None) -> Iterator[bytes]:
    """The export of what is requested. Raises UserError for an unknown format, and where `select` does."""
    found = find(format_)
    return found.chunks(trace, select(trace, request, found.takes))


def write(trace: "Trace", format_: str, path: str | PathLike[str], request: Request | None = None) -> int:
    """Writes an export to a file, whole or not at all, and returns its size in bytes.

    Raises UserError where `pieces` does, and where the file cannot be written.
    """
    return write_file(Path(path), pieces(trace, format_, request))


def records(trace: "Trace") -> Iterator[dict[str, Any]]:
    """The events as dicts, as they stand in JSON Lines."""
    import msgspec

    from gradb.export.json import Encoder

    encoder = Encoder(trace)
    for number in range(1, len(trace) + 1):
        yield msgspec.to_builtins(encoder.record(number))
