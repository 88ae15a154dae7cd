"""`gradb export`: the trace as a file."""

from pathlib import Path
from typing import Annotated

import typer

from gradb_tui.cli.parameters import MaxBytes, MaxEvents, MaxSeconds, Source, limits
from gradb_tui.cli.root import command


@command()
def export(
    source: Source,
    format_: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="jsonl: JSON Lines.")] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; by default to standard output.")
    ] = None,
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Write the trace to a file."""
    from gradb_tui.cli.exporting import export_to

    raise typer.Exit(export_to(source, format_, output, limits(max_events, max_seconds, max_bytes)))
