"""The screens as text: what the app shows at the usual sizes. `GRADB_UPDATE_SNAPSHOTS=1` writes them anew."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from gradb_tui.app import GradbApp
from gradb_tui.session import Session
from textual.app import App

SNAPSHOTS = Path(__file__).parent / "snapshots"
SIZES = [(80, 24), (120, 40), (200, 50)]
Rows = Callable[[App[int]], list[str]]


def matches(name: str, rows: list[str]) -> None:
    """The rows are those of the snapshot."""
    file = SNAPSHOTS / f"{name}.txt"
    text = "\n".join(rows) + "\n"
    if os.environ.get("GRADB_UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert file.exists(), f"no snapshot {file.name}: GRADB_UPDATE_SNAPSHOTS=1 writes it"
    assert text == file.read_text(encoding="utf-8")


async def screen(session: Session, rows: Rows, size: tuple[int, int], *keys: str) -> list[str]:
    app = GradbApp(session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
        await pilot.pause()
        await pilot.pause()
        return rows(app)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("at", [4, 10, 14])
async def test_the_leaf_run(at: int, size: tuple[int, int], leaf_session: Session, screen_rows: Rows) -> None:
    leaf_session.timeline.seek(at)
    matches(f"leaf-{at}-{size[0]}x{size[1]}", await screen(leaf_session, screen_rows, size))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_step_of_the_regression(size: tuple[int, int], regression_session: Session, screen_rows: Rows) -> None:
    visits = regression_session.trace.of_kind("visit")
    regression_session.timeline.seek(visits[17])
    matches(f"regression-{size[0]}x{size[1]}", await screen(regression_session, screen_rows, size))


@pytest.mark.parametrize(("pane", "key"), [("graph", "4"), ("charts", "5"), ("watch", "7")])
async def test_the_panes_behind_the_tensor(pane: str, key: str, regression_session: Session, screen_rows: Rows) -> None:
    regression_session.timeline.seek(60)
    matches(f"{pane}-80x24", await screen(regression_session, screen_rows, (80, 24), key))


async def test_the_help_page(leaf_session: Session, screen_rows: Rows) -> None:
    matches("help-100x130", await screen(leaf_session, screen_rows, (100, 130), "question_mark"))


@pytest.mark.parametrize("size", [(40, 12), (59, 30), (100, 12)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_small_terminals(size: tuple[int, int], leaf_session: Session, screen_rows: Rows) -> None:
    leaf_session.timeline.seek(10)
    matches(f"leaf-10-{size[0]}x{size[1]}", await screen(leaf_session, screen_rows, size))
