"""Screens as text: `walk(session, size, stages)` presses keys and gives what each stage shows, `matches` a snapshot.

`GRADB_UPDATE_SNAPSHOTS=1` writes the snapshots anew.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gradb.scenario.scenario import Scenario
from gradb_tui.app import GradbApp
from gradb_tui.session import Session, session_of
from rich.style import Style
from textual.pilot import Pilot

SNAPSHOTS = Path(__file__).parents[1] / "tui" / "snapshots"


class Shown(NamedTuple):
    """The rows of a screen, without the blanks at their ends, and the styles that are in them."""

    rows: list[str]
    styles: set[Style]


def shown(app: GradbApp) -> Shown:
    """What an app shows now."""
    strips = app.screen._compositor.render_strips()
    styles = {segment.style for strip in strips for segment in strip if segment.style is not None}
    return Shown([strip.text.rstrip() for strip in strips], styles)


async def walk(
    session: Session, size: tuple[int, int], stages: Mapping[str, Sequence[str]], theme: str = ""
) -> dict[str, Shown]:
    """What the debugger shows after the keys of each stage, one after the other."""
    app = GradbApp(session)
    seen: dict[str, Shown] = {}
    async with app.run_test(size=size) as pilot:
        if theme:
            app.theme = theme
        await pilot.pause()
        for stage, keys in stages.items():
            for key in keys:
                app.simulate_key(key)
                await pilot.pause()
            await pilot.pause()
            seen[stage] = shown(app)
    return seen


async def until(pilot: Pilot[int], holds: Callable[[], bool]) -> None:
    """Waits for something that the app does by and by."""
    for _ in range(200):
        if holds():
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to be")


def has(rows: Sequence[str], text: str) -> bool:
    """Whether a text can be read in one of the rows."""
    return any(text in line for line in rows)


def recorded(of: Scenario, at: str) -> Session:
    """A session whose program has run, with the cursor at an address."""
    session = session_of(of)
    assert session.execute is not None
    session.execute()
    session.execute = None
    session.timeline.seek(at)
    return session


def matches(name: str, rows: Sequence[str]) -> None:
    """The rows are those of the snapshot."""
    file = SNAPSHOTS / f"{name}.txt"
    text = "\n".join(rows) + "\n"
    if os.environ.get("GRADB_UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"no snapshot {file.name}: GRADB_UPDATE_SNAPSHOTS=1 writes it"
    assert text == file.read_text(encoding="utf-8")
