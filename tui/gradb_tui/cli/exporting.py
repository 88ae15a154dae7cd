"""`gradb export`: the trace of a run, written whole or not at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gradb.export.formats import exporter

from gradb_tui.cli.files import write_file
from gradb_tui.cli.output import put, say
from gradb_tui.cli.progress import progress

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits


def export_to(source: str, format_: str, output: Path | None, limits: "Limits") -> int:
    """Records the source and writes it; without a file, to standard output. Raises UserError."""
    chunks = exporter(format_)
    from gradb_tui.cli.recording import record

    run, stopped = record(source, limits)
    trace = run.trace
    if stopped is not None:
        raise stopped
    pieces = chunks(trace)
    if output is None or str(output) == "-":
        for piece in pieces:
            put(piece)
        return 0
    written = 0

    def counted() -> Iterator[bytes]:
        nonlocal written
        for piece in pieces:
            written += 1
            yield piece

    with progress("exporting", lambda: min(written, len(trace)), len(trace)):
        size = write_file(output, counted())
    say(f"{len(trace)} events written to {output} ({size:,} bytes)")
    return 0
