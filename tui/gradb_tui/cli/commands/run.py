"""`gradb run`: the debugger."""

from typing import Annotated

import typer

from gradb_tui.cli.parameters import Budget, Keep, MaxBytes, MaxEvents, MaxSeconds, Save, Source, limits, saving
from gradb_tui.cli.root import command

Break = Annotated[
    list[str] | None,
    typer.Option("--break", "-b", metavar="WHERE", help="Stop at: nan_or_inf, line 12, MulBackward0, w.grad, w > 3."),
]


@command()
def run(
    source: Source,
    breaks: Break = None,
    save: Save = None,
    keep: Keep = "all",
    budget: Budget = "",
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Open SOURCE in the debugger; without a terminal, replay it."""
    from gradb_tui.cli.opening import open_or_replay

    raise typer.Exit(
        open_or_replay(source, limits(max_events, max_seconds, max_bytes), breaks or (), saving(save, keep, budget))
    )
