"""Breakpoints, why and check in the running app, and what is kept between two sessions."""

from collections.abc import Callable
from pathlib import Path

import pytest
from gradb.scenario.bundled import load_bundled
from gradb_tui.app import GradbApp
from gradb_tui.panes.moment import Pin
from gradb_tui.remembering import recall, recall_bookmarks, remember
from gradb_tui.screens.breakpoints import BreakpointsScreen
from gradb_tui.screens.message import MessageScreen
from gradb_tui.screens.stopping import Stopping
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.screens.why import WhyScreen
from gradb_tui.session import Session, session_of
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

Rows = Callable[[App[int]], list[str]]


def bottom(app: App[int]) -> str:
    screen = app.screen
    assert isinstance(screen, WalkScreen)
    return screen.bottom.rows[0].text


async def ask(pilot: Pilot[int], text: str) -> None:
    await pilot.press("colon")
    await pilot.pause()
    pilot.app.screen.query_one(Input).value = text
    await pilot.press("enter")
    await pilot.pause()


async def test_b_sets_a_breakpoint_on_the_chosen_line_and_c_and_C_stop_there(
    regression_session: Session, screen_rows: Rows
) -> None:
    trace = regression_session.trace
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("c")
        assert "There is no breakpoint" in bottom(app)
        regression_session.timeline.seek("line 16")
        await pilot.press("1", "m", "b")
        assert "Breakpoint 1: line 16" in bottom(app)
        assert any("16●" in line for line in screen_rows(app))
        first = regression_session.timeline.at
        await pilot.press("c")
        assert bottom(app) == " Stopped: line 16"
        assert trace.step_of(regression_session.timeline.at) == 2
        await pilot.press("f8", "C", "C")
        assert regression_session.timeline.at == first
        await pilot.press("C")
        assert bottom(app) == " No breakpoint stops before this event."
        await pilot.press("b")
        assert not len(regression_session.breakpoints)


async def test_conditions_say_what_they_found(regression_session: Session) -> None:
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "break loss < 100")
        await pilot.press("c")
        assert bottom(app).startswith(" Stopped: loss < 100: loss = ")
        value = regression_session.timeline.value("loss")
        assert value is not None
        assert float(value) < 100
        await ask(pilot, "condition 1 step > 20")
        await pilot.press("c")
        assert regression_session.trace.step_of(regression_session.timeline.at) == 21
        await ask(pilot, "break nosuch.grad")
        assert "no tensor is ever called 'nosuch'" in bottom(app)
        await ask(pilot, "delete 7")
        assert "there is no breakpoint 7" in bottom(app)
        await ask(pilot, "run -f step == 30")
        assert regression_session.trace.step_of(regression_session.timeline.at) == 30
        await ask(pilot, "ignore 1 2")
        assert bottom(app).endswith(", past the next 2 hits. c and C go to it.")
        await ask(pilot, "tbreak kind update")
        assert bottom(app).endswith(", once. c and C go to it.")
        await ask(pilot, "disable 1")
        assert bottom(app).endswith(". It is off.")
        await pilot.press("c", "c")
        assert bottom(app) == " No breakpoint stops after this event."
        await ask(pilot, "delete")
        assert not len(regression_session.breakpoints)


async def test_b_on_a_variable_stops_at_its_writes(regression_session: Session) -> None:
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "pt w.grad")
        await pilot.press("3", "b", "c")
        assert bottom(app) == " Stopped: w.grad"
        assert regression_session.trace.event(regression_session.timeline.at).kind == "accumulate"


async def test_conditions_are_watched_with_their_values(regression_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "break loss < 1000")
        await ask(pilot, "watch w.norm() * 2")
        await pilot.pause()
        rows = "\n".join(screen_rows(app))
        assert "= w.norm() * 2" in rows
        assert "● loss < 1000 not known" in rows
        await pilot.press("c")
        await pilot.pause()
        assert "● loss < 1000 true  loss = " in "\n".join(screen_rows(app))
        await ask(pilot, "watch q.norm()")
        assert "no tensor is ever called 'q'" in bottom(app)


async def test_a_search_that_takes_long_goes_on_behind_the_screen(
    regression_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradb_tui.screens.stopping.AT_ONCE", -1.0)
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        regression_session.breakpoints.add("step == 40")
        await pilot.press("c")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert regression_session.trace.step_of(regression_session.timeline.at) == 40
        assert isinstance(app.screen, Stopping)
        assert not app.screen.end_search()


async def test_the_list_switches_breakpoints_off_and_removes_them(leaf_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        leaf_session.breakpoints.add("line 6")
        leaf_session.breakpoints.add("w.grad")
        await pilot.press("B")
        assert isinstance(app.screen, BreakpointsScreen)
        await pilot.press("space", "down", "d")
        await pilot.pause()
        assert [(one.text, one.enabled) for one in leaf_session.breakpoints] == [("line 6", False)]
        assert any("○ line 6" in line for line in screen_rows(app))
        await pilot.press("enter", "d", "d", "down", "escape")
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)
        assert not len(leaf_session.breakpoints)


async def test_why_takes_a_gradient_apart_up_to_the_seed_and_goes_to_its_events(
    leaf_session: Session, screen_rows: Rows
) -> None:
    leaf_session.timeline.seek(12)
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("e")
        screen = app.screen
        assert isinstance(screen, WhyScreen)
        assert screen.why.name == "w.grad"
        names = [screen.why.name]
        for _ in range(4):
            await pilot.press("enter")
            await pilot.pause()
            names.append(screen.why.name)
        assert screen.why.terms[0].role == "seed"
        assert any("backward begins here" in line for line in screen_rows(app))
        await pilot.press("backspace", "g")
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)
        assert 6 <= leaf_session.timeline.at < 12
        await pilot.press("e", "escape")
        await pilot.pause()
        leaf_session.timeline.seek(14)
        leaf_session.pin = Pin("z")
        await pilot.press("e")
        assert isinstance(app.screen, WhyScreen)
        assert "z" in app.screen.why.title


@pytest.fixture(scope="module")
def real_session() -> Session:
    """A scenario that the engine ran, as finite differences run its ops again."""
    session = session_of(load_bundled("regression"))
    assert session.execute is not None
    session.execute()
    session.execute = None
    return session


async def test_k_checks_the_gradients_of_a_node_and_of_a_leaf(real_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(real_session)
    async with app.run_test(size=(120, 40)) as pilot:
        real_session.timeline.seek("step3/backward/5")
        await pilot.press("k")
        await pilot.pause()
        assert isinstance(app.screen, MessageScreen)
        assert any(": agrees" in line for line in screen_rows(app))
        await pilot.press("escape")
        real_session.timeline.seek("step3/update/2")
        real_session.pin = Pin("w")
        await pilot.press("k")
        await pilot.pause()
        assert any("w.grad: agrees" in line for line in screen_rows(app))
        await pilot.press("escape")
        real_session.pin = Pin("x")
        await pilot.press("k")
        assert "no backward has written x.grad" in bottom(app)


def test_what_was_set_is_there_in_the_next_session(
    leaf_session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradb.debug.state.state_folder", lambda: tmp_path)
    leaf_session.source = "leaf"
    leaf_session.own_watch = leaf_session.watch
    leaf_session.breakpoints.add("w.grad if step == 1")
    leaf_session.bookmarks = [3, 7]
    leaf_session.watch = ("y", *leaf_session.watch)
    leaf_session.history = [":s", "/mul"]
    remember(leaf_session)
    again = Session(leaf_session.trace, source="leaf", own_watch=leaf_session.own_watch, watch=leaf_session.own_watch)
    again.breakpoints.add("line 6")
    assert recall(again) == ""
    recall_bookmarks(again)
    assert [one.text for one in again.breakpoints] == ["w.grad if step == 1", "line 6"]
    assert again.bookmarks == [3, 7]
    assert again.watch == leaf_session.watch
    assert again.history == [":s", "/mul"]


def test_a_session_without_a_source_keeps_nothing(leaf_session: Session, tmp_path: Path) -> None:
    leaf_session.breakpoints.add("line 6")
    remember(leaf_session)
    assert recall(leaf_session) == ""
    assert not list(tmp_path.iterdir())
