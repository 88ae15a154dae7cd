"""The commands of `gradb`, a module each: `load()` adds them to the command line in the order of the help."""

from importlib import import_module

IN_ORDER = ("run", "serve", "record", "replay", "export", "verify", "diff", "list_scenarios", "keys", "schema")


def load() -> None:
    """Imports every command, by which it joins `gradb_tui.cli.root.app`."""
    for name in IN_ORDER:
        import_module(f"{__name__}.{name}")
