"""`gradb keys`: prints which keys do what, by the names that the file of keys takes, and where that file is."""

import sys
from typing import TextIO

from gradb_tui.keys.custom import keys_file, load_commands


def print_keys(out: TextIO | None = None) -> int:
    """Prints the map of keys; returns the exit code. Raises UserError where the user's file is wrong."""
    out = out or sys.stdout
    commands = [command for command in load_commands() if not command.on_a_page]
    names = max(len(command.name) for command in commands)
    keys = max(len(command.key_text) for command in commands)
    for command in commands:
        print(f"{command.name:<{names}}  {command.key_text:<{keys}}  {command.help}", file=out)
    there = "" if keys_file().exists() else " (there is none yet)"
    print(
        f'\nYour own keys: {keys_file()}{there}, with a table [keys] and lines as: next-node = ["n", "F10"]', file=out
    )
    return 0
