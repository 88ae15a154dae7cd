"""Draws the running debugger: `python -m gradb_tui.picture OUT.svg [--size 120x40] [SOURCE]`, without a terminal."""

import argparse
import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from gradb.errors import UserError
from gradb.scenario.sources import open_source
from gradb.trace.events import Visit
from gradb.trace.trace import Trace

from gradb_tui.app import GradbApp
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import session_of


def instructive(trace: Trace) -> int:
    """A moment worth a picture: backward runs a node that sends on most gradients, a tenth into the training."""
    first, last = trace.step_span(max(1, trace.steps // 10))
    visits = [n for n in trace.of_kind("visit") if first <= n <= last]
    return max(visits, key=lambda n: (_sent(trace, n), -n), default=first)


def _sent(trace: Trace, number: int) -> int:
    event = trace.event(number)
    return sum(gradient is not None for gradient in event.outgoing) if isinstance(event, Visit) else 0


async def draw(source: str, size: tuple[int, int]) -> str:
    """The SVG of the debugger at an instructive moment of a source. Raises UserError."""
    session = session_of(open_source(source))
    app = GradbApp(session)
    async with app.run_test(size=size) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        screen = app.screen
        if isinstance(screen, WalkScreen) and len(session.trace):
            screen.go_to(instructive(session.trace))
        await pilot.pause()
        return app.export_screenshot(title="gradb")


def without_web_fonts(picture: str) -> str:
    """The SVG without fonts from the network: a picture in a page cannot load them, and needs none to be right."""
    return re.sub(r",\s*url\(\"https?:[^;]*(?=;)", "", picture)


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and writes the picture."""
    parser = argparse.ArgumentParser(prog="python -m gradb_tui.picture", description=__doc__)
    parser.add_argument("out", type=Path, help="the SVG file to write")
    parser.add_argument("source", nargs="?", default="regression", help="what to open (default: %(default)s)")
    parser.add_argument("--size", default="120x40", help="columns x rows (default: %(default)s)")
    given = parser.parse_intermixed_args(arguments)
    columns, _, rows = given.size.partition("x")
    if not (columns.isdigit() and rows.isdigit()):
        parser.error(f"--size is {given.size!r}; it is columns x rows, such as 120x40")
    try:
        picture = asyncio.run(draw(given.source, (int(columns), int(rows))))
    except UserError as error:
        parser.exit(2, f"{error}\n")
    given.out.write_text(without_web_fonts(picture), encoding="utf-8")


if __name__ == "__main__":
    main()
