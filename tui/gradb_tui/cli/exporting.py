"""`gradb export`: the trace of a run, written whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING

from gradb.export.formats import exporter

from gradb_tui.cli.files import write_file
from gradb_tui.cli.output import put, say

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
    if output is None or str(output) == "-":
        for chunk in chunks(trace):
            put(chunk)
        return 0
    size = write_file(output, chunks(trace))
    say(f"{len(trace)} events written to {output} ({size:,} bytes)")
    return 0
