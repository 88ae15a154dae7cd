"""`gradb list`: the bundled scenarios."""

from gradb_tui.cli.root import command


@command("list")
def list_() -> None:
    """Print the bundled scenarios by chapter, each with its title."""
    from gradb_tui.cli.listing import listing

    for line in listing():
        print(line)
