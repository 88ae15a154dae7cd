"""Writing a trace in a format: `write(trace, "csv", path)` a file, `pieces(trace, "csv")` its bytes piece by piece."""

from collections.abc import Iterator
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradb.debug.replacing import write_file
from gradb.errors import UserError
from gradb.export.formats import find
from gradb.export.selection import Request as Request
from gradb.export.selection import select
from gradb.trace.file.database import is_trace_file

if TYPE_CHECKING:
    from gradb.trace.trace import Trace

_FIX = "give the export another name"


def pieces(trace: "Trace", format_: str, request: Request | None = None) -> Iterator[bytes]:
    """The export of what is requested. Raises UserError for an unknown format, and where `select` does."""
    found = find(format_)
    return found.chunks(trace, select(trace, request, found.takes))


def write(trace: "Trace", format_: str, path: str | PathLike[str], request: Request | None = None) -> int:
    """Writes an export to a file, whole or not at all, and returns its size in bytes.

    Raises UserError where `pieces` does, for a file that is a trace, and where the file cannot be written.
    """
    target = Path(path)
    check_target(target)
    return write_file(target, pieces(trace, format_, request))


def check_target(path: Path, source: str = "") -> None:
    """Raises UserError where an export would replace a trace, or the file that its run comes from."""
    with suppress(OSError, ValueError):
        if path.is_file() and (is_trace_file(path) or (source and path.samefile(source))):
            raise UserError(
                "an export replaces no trace, nor the file that its run comes from", where=str(path), fix=_FIX
            )


def records(trace: "Trace") -> Iterator[dict[str, Any]]:
    """The events as dicts, as they stand in JSON Lines."""
    import msgspec

    from gradb.export.json import Encoder

    encoder = Encoder(trace)
    for number in range(1, len(trace) + 1):
        yield msgspec.to_builtins(encoder.record(number))
