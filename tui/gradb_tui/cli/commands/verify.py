"""`gradb verify`: the same program on real PyTorch."""

import typer

from gradb_tui.cli.parameters import MaxBytes, MaxEvents, MaxSeconds, Sources, limits
from gradb_tui.cli.root import command


@command()
def verify(
    sources: Sources,
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Run SOURCE on real PyTorch too, and compare every event."""
    from gradb_tui.cli.verify import verify_all

    raise typer.Exit(verify_all(sources, limits(max_events, max_seconds, max_bytes)))
