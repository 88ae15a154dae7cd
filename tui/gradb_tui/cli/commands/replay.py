"""`gradb replay`: the walk and the verdict, without a terminal."""

from pathlib import Path
from typing import Annotated

import typer

from gradb_tui.cli.parameters import Budget, Keep, MaxBytes, MaxEvents, MaxSeconds, Save, Sources, limits, saving
from gradb_tui.cli.root import command

Until = Annotated[
    list[str] | None,
    typer.Option(
        "--until", metavar="CONDITION", help="End the walk where it holds: w.grad.norm() > 10, or as --break."
    ),
]


@command()
def replay(
    sources: Sources,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict alone.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON line per event; with -q, per claim.")] = False,
    first: Annotated[str, typer.Option("--from", metavar="ADDRESS", help="Where the walk begins: step3.")] = "start",
    last: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Where it ends: step3/backward.")] = "end",
    until: Until = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, metavar="N", help="Replay N sources at once.")] = 1,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write the verdicts as a JUnit XML file too.")
    ] = None,
    github: Annotated[
        bool, typer.Option("--github", help="Print annotations for GitHub Actions, on the lines of failing claims.")
    ] = False,
    save: Save = None,
    keep: Keep = "all",
    budget: Budget = "",
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Print the walk, then check the expectations."""
    from gradb_tui.cli.replay import Options, replay_all

    allowed = limits(max_events, max_seconds, max_bytes)
    options = Options(allowed, quiet, json, first, last, tuple(until or ()), github, saving(save, keep, budget))
    raise typer.Exit(replay_all(sources, options, jobs, junit))
