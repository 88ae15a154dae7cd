"""`gradb` and `gradb run`: the debugger where there is a terminal, what to do instead where there is none."""

import os
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradb.errors import UserError

from gradb_tui.cli.output import say

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits
    from gradb.trace.file.keep import Save


def has_terminal() -> bool:
    """Whether a person can be shown the debugger and press keys."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def choose() -> int:
    """Lets the user choose a scenario and opens it. Raises UserError without a terminal."""
    if not has_terminal():
        raise UserError(
            "there is no terminal to show the debugger in",
            fix="`gradb list` prints the scenarios, `gradb replay SOURCE` runs one without a terminal",
        )
    from gradb_tui.app import open_app

    return open_app(None)


def open_or_replay(source: str, limits: "Limits", breaks: Sequence[str] = (), save: "Save | None" = None) -> int:
    """Opens the source in the debugger, or replays it where there is no terminal, up to the first breakpoint.

    `save` is a trace file to write. Raises UserError.
    """
    from gradb.debug.breakpoint import parse_breakpoint

    for text in breaks:
        parse_breakpoint(text)
    if has_terminal():
        from gradb_tui.app import open_app

        return open_app(source, limits, breaks, save)
    until = "".join(f" --until {shlex.quote(text)}" for text in breaks)
    say(f"there is no terminal to show the debugger in, so this is `gradb replay {source}{until}`")
    from gradb_tui.cli.replay import Options, replay_all

    return replay_all([source], Options(limits, until=tuple(breaks), save=save))
