"""From what is on the screen to an entry of `expect:` that a replay holds the program to."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gradb.scenario.bundled import load_bundled
from gradb.scenario.loader import load, load_script
from gradb_tui.app import GradbApp
from gradb_tui.cli import main
from gradb_tui.panes.moment import Pin
from gradb_tui.screens.claim import ClaimScreen
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session
from screens import recorded
from textual.app import App

TEXT = """\
title: T   # kept
program: |
  import torch
  w = torch.tensor([3.0, 2.0], requires_grad=True)
  loss = (w * w).sum()
  loss.backward()
"""
Rows = Callable[[App[int]], list[str]]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scenario of the user's, in the folder that gradb runs in."""
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(TEXT)
    return Path("s.yaml")


def replayed(file: str, monkeypatch: pytest.MonkeyPatch) -> object:
    """The exit code of `gradb replay FILE`."""
    monkeypatch.setattr(sys, "argv", ["gradb", "replay", file])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code or 0


def bottom(app: GradbApp) -> str:
    assert isinstance(app.screen, WalkScreen)
    return app.screen.bottom.rows[0].text.strip()


async def test_x_shows_the_change_and_enter_writes_it_so_that_a_replay_holds(
    file: Path, screen_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = recorded(load(file), "end")
    session.pin = Pin("w")
    app = GradbApp(session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        assert isinstance(app.screen, ClaimScreen)
        assert any("+  - {at: " in text and "w: [3.0, 2.0]" in text for text in screen_rows(app))
        await pilot.press("down")
        await pilot.pause()
        assert any("+  - {at: " in text and "w.grad: [6.0, 4.0]" in text for text in screen_rows(app))
        assert file.read_text() == TEXT
        await pilot.press("enter")
        await pilot.pause()
        assert bottom(app) == "Written. gradb replay s.yaml holds the program to it."
    address = session.trace.address(session.timeline.at)
    assert file.read_text() == f"{TEXT}expect:\n  - {{at: {address}, w.grad: [6.0, 4.0]}}\n"
    assert replayed("s.yaml", monkeypatch) == 0
    file.write_text(file.read_text().replace("6.0, 4.0", "6.0, 4.5"))
    assert replayed("s.yaml", monkeypatch) == 1


async def test_escape_leaves_the_file_alone(file: Path) -> None:
    app = GradbApp(recorded(load(file), "end"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("x", "escape")
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)
    assert file.read_text() == TEXT


async def test_a_bundled_scenario_is_copied_into_this_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, screen_rows: Rows
) -> None:
    monkeypatch.chdir(tmp_path)
    session = recorded(load_bundled("leaf"), "end")
    session.pin, session.facet = Pin("w"), "grad"
    app = GradbApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("x")
        await pilot.pause()
        assert any("leaf.yaml  a copy of the bundled scenario" in text for text in screen_rows(app))
        assert not list(tmp_path.iterdir())
        await pilot.press("enter")
        await pilot.pause()
    assert replayed("leaf.yaml", monkeypatch) == 0
    assert len(load(tmp_path / "leaf.yaml").claims) == len(load_bundled("leaf").claims) + 1


async def test_what_is_in_the_way_is_told_and_nothing_is_written(file: Path, screen_rows: Rows) -> None:
    app = GradbApp(recorded(load(file), "end"))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        file.write_text(TEXT.replace("3.0", "4.0"))
        await pilot.press("enter")
        await pilot.pause()
        assert any("changed in the meantime" in text for text in screen_rows(app))
        await pilot.press("down")
        await pilot.pause()
        assert any("another than the one that ran" in text for text in screen_rows(app))
        await pilot.press("enter", "escape")
    assert file.read_text() == TEXT.replace("3.0", "4.0")


async def test_a_script_says_that_it_has_no_place_for_it(file: Path, screen_rows: Rows) -> None:
    path = file.with_suffix(".py")
    path.write_text("import torch\nw = torch.ones(2, requires_grad=True)\n")
    app = GradbApp(recorded(load_script(path), "end"))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        await pilot.pause()
        assert any("a script has no `expect:`" in text for text in screen_rows(app))


async def test_a_recording_says_that_it_has_no_place_for_it(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("x")
        assert bottom(app).startswith("A recording has no `expect:`")
