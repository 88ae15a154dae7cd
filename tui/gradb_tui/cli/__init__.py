"""The command `gradb`: `main()` reads the command line, does what it says and exits with 0, 1 or 2.

Each command imports what it needs when it is called, so that help answers without numpy and Textual.
"""


def main() -> None:
    """Runs the command line of this process and exits."""
    from gradb_tui.cli import commands
    from gradb_tui.cli.root import app

    commands.load()
    app(prog_name="gradb")
