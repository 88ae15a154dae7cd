"""The keys: `COMMANDS` is the one table of them, from which come the bindings, the help, the palette and the hints."""

from gradb_tui.keys.command import Command, Where, bindings, hints, key_name
from gradb_tui.keys.table import COMMANDS, PANES

__all__ = ["COMMANDS", "PANES", "Command", "Where", "bindings", "hints", "key_name"]
