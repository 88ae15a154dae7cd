"""`gradb serve`: the debugger in a browser."""

from typing import Annotated

import typer

from gradb_tui.cli.commands.run import Break
from gradb_tui.cli.parameters import MaxBytes, MaxEvents, MaxSeconds, limits
from gradb_tui.cli.root import command

Optional = Annotated[
    str | None, typer.Argument(metavar="[SOURCE]", help="As for run; without it, the page lets one choose a scenario.")
]
Host = Annotated[str, typer.Option("--host", metavar="NAME", help="Where to listen; else on this machine alone.")]
Port = Annotated[
    int | None,
    typer.Option("--port", "-p", min=0, max=65535, metavar="N", help="The port; else 8000 or one that is free."),
]
Sessions = Annotated[int, typer.Option("--sessions", min=1, metavar="N", help="How many pages may be open at once.")]


@command()
def serve(
    source: Optional = None,
    host: Host = "127.0.0.1",
    port: Port = None,
    sessions: Sessions = 20,
    breaks: Break = None,
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Open SOURCE in the debugger, in a browser (the extra `serve`)."""
    from gradb_tui.cli.serving import serve

    allowed = limits(max_events, max_seconds, max_bytes)
    raise typer.Exit(serve(source, allowed, breaks or (), host=host, port=port, sessions=sessions))
