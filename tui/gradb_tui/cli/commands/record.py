"""`gradb record`: a run into a file."""

from pathlib import Path
from typing import Annotated

import typer

from gradb_tui.cli.parameters import Budget, Keep, MaxBytes, MaxEvents, MaxSeconds, Source, limits, saving
from gradb_tui.cli.root import command


@command()
def record(
    source: Source,
    save: Annotated[
        Path | None,
        typer.Option("--save", "-o", metavar="FILE", help="The file; by default SOURCE's name and .gradb."),
    ] = None,
    keep: Keep = "all",
    budget: Budget = "",
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Run SOURCE and write the trace into a .gradb file."""
    from gradb.scenario.sources import stem

    from gradb_tui.cli.recording import record_to

    path = save or Path(f"{stem(source)}.gradb")
    raise typer.Exit(record_to(source, limits(max_events, max_seconds, max_bytes), saving(path, keep, budget)))
