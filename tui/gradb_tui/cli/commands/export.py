"""`gradb export`: the trace as a file, in one of the formats of `gradb.export.formats`."""

from pathlib import Path
from typing import Annotated

import typer
from gradb.export.formats import DEFAULT, FORMATS

from gradb_tui.cli.parameters import MaxBytes, MaxEvents, MaxSeconds, Source, limits
from gradb_tui.cli.root import command

_WIDTH = max(map(len, FORMATS)) + 2
_FORMATS = "\n\n".join(
    ["Formats:", "\b\n" + "\n".join(f"{format_.name:<{_WIDTH}}{format_.about}" for format_ in FORMATS.values())]
)


@command(epilog=_FORMATS)
def export(
    source: Source,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            metavar="FORMAT",
            help=f"One of those below. Else the one that FILE's name ends with, or {DEFAULT}.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; by default to standard output.")
    ] = None,
    first: Annotated[str, typer.Option("--from", metavar="ADDRESS", help="Begin at this event.")] = "",
    last: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="End with this event, step or phase.")] = "",
    steps: Annotated[str, typer.Option(metavar="STEPS", help="Only these steps: 3, 2-5, 2- or -5.")] = "",
    tensors: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Only these variables: w,b or '*.weight' or w.grad. May be repeated."),
    ] = None,
    at: Annotated[
        str, typer.Option("--at", metavar="ADDRESS", help="The one moment to show, instead of a range.")
    ] = "",
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Write the trace to a file, as a whole or in part."""
    from gradb.export.selection import Request

    from gradb_tui.cli.exporting import export_to

    names = tuple(name for given in tensors or () for name in map(str.strip, given.split(",")) if name)
    request = Request(first, last, steps, names, at)
    raise typer.Exit(export_to(source, format_, output, request, limits(max_events, max_seconds, max_bytes)))
