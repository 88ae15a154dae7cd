"""`gradb keys`: which keys do what."""

import typer

from gradb_tui.cli.root import command


@command()
def keys() -> None:
    """Print which keys do what in the debugger."""
    from gradb_tui.cli.keys import print_keys

    raise typer.Exit(print_keys())
