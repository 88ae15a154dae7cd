"""`gradb diff`: where two runs part."""

from typing import Annotated, Literal

import typer

from gradb_tui.cli.parameters import MaxBytes, MaxEvents, MaxSeconds, limits
from gradb_tui.cli.root import command

_SOURCE = "A scenario, a .py script or a .gradb file. With @torch behind a program it runs on PyTorch."
Engine = Annotated[Literal["gradb", "torch"] | None, typer.Option("--engine", help="What B runs on.")]


@command()
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help=_SOURCE)],
    b: Annotated[str | None, typer.Argument(metavar="B", help="As A; A itself with --engine.")] = None,
    engine: Engine = None,
    rtol: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            metavar="R",
            help="May differ by R of an array's largest number: 1e-6, or 1e-4 for 2 engines.",
        ),
    ] = None,
    atol: Annotated[
        float | None, typer.Option(min=0.0, metavar="X", help="And by X: 0, or 1e-4 for 2 engines.")
    ] = None,
    update: Annotated[bool, typer.Option("--update", help="Accept B: write it to A, a .gradb file.")] = False,
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Compare two runs event by event: 0 equal, 1 different."""
    from gradb_tui.cli.diff import Options
    from gradb_tui.cli.diff import diff as compare

    options = Options(limits(max_events, max_seconds, max_bytes), engine or "", rtol, atol, update)
    raise typer.Exit(compare(a, b, options))
