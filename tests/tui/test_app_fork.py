"""What if: changing something at an event, running on from there, and looking at both runs."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from gradb.debug.pairing import Pairing
from gradb.scenario.bundled import load_bundled
from gradb.scenario.loader import load_script
from gradb.scenario.runner import run
from gradb_tui.app import GradbApp
from gradb_tui.panes.both import Both
from gradb_tui.panes.charts import ChartsPane
from gradb_tui.panes.compare import divergence_rows, here_rows, loss_rows, run_rows, value_rows
from gradb_tui.panes.moment import Pin
from gradb_tui.screens.fork import ForkScreen
from gradb_tui.screens.message import MessageScreen
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session
from screens import recorded
from small_runs import scenario
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

PROGRAM = """\
import torch
w = torch.tensor([3.0, 2.0], requires_grad=True)
lr = 0.1
for step in range(6):
    loss = (w * w).sum() * 1.5
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad
    w.grad = None
print(w)
"""
WATCHED = "watch: [w, loss]"
START = "step3/forward/1"
Rows = Callable[[App[int]], list[str]]


def walk(app: GradbApp) -> WalkScreen:
    assert isinstance(app.screen, WalkScreen)
    return app.screen


def bottom(app: GradbApp) -> str:
    return walk(app).bottom.rows[0].text.strip()


async def ask(pilot: Pilot[int], text: str) -> None:
    await pilot.press("colon")
    for letter in text:
        await pilot.press({" ": "space"}.get(letter, letter))
    await pilot.press("enter")


async def ran(app: GradbApp, pilot: Pilot[int]) -> None:
    """Waits until the second run is there."""
    await app.workers.wait_for_complete()
    await pilot.pause()


async def test_the_form_offers_what_is_selected_says_what_it_changes_and_runs_it(screen_rows: Rows) -> None:
    session = recorded(scenario(PROGRAM, WATCHED), START)
    session.pin, session.element = Pin("w"), (1,)
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("i")
        form = app.screen
        assert isinstance(form, ForkScreen)
        line = form.query_one(Input)
        was = line.value
        assert was.startswith("w[1] = 0.")
        assert any("step3/forward/1, line 5" in text for text in screen_rows(app))
        await pilot.press("down", "down", "down")
        assert line.value == "lr = 0.1"
        await pilot.press("backspace", "5")
        await pilot.pause()
        assert any("lr: 0.1 → 0.5" in text for text in screen_rows(app))
        await pilot.press("enter")
        await ran(app, pilot)
        both = session.both
        assert both is not None
        assert session.other is not None
        assert both.changes == ("lr: 0.1 → 0.5",)
        assert both.divergence is not None
        assert session.trace.phase_of(both.divergence.event) == "update"
        assert session.trace.step_of(both.divergence.event) == 3
        assert any("first difference step3/update/" in text for text in screen_rows(app))
        assert sum(len(losses) for losses in (session.trace.losses(), session.other.trace.losses())) == 12


async def test_a_mistake_stays_in_the_form_with_what_is_allowed_and_escape_leaves(screen_rows: Rows) -> None:
    session = recorded(scenario(PROGRAM, WATCHED), START)
    app = GradbApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("i")
        form = app.screen
        form.query_one(Input).value = "q = 1"
        await pilot.press("enter")
        await pilot.pause()
        assert app.screen is form
        assert any("q is no leaf and no number" in text for text in screen_rows(app))
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)
        assert session.both is None


async def test_set_runs_on_and_the_cursors_go_together_by_address(screen_rows: Rows) -> None:
    session = recorded(scenario(PROGRAM, WATCHED), START)
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "set w = 1")
        await ran(app, pilot)
        other = session.other
        assert other is not None
        await pilot.press("j")
        at = session.timeline.at
        await pilot.press("r")
        assert walk(app).session is other
        assert bottom(app) == "This is run B."
        assert other.timeline.at == at + 1
        assert any("run B" in text for text in screen_rows(app)[:1])
        await pilot.press("r")
        assert session.timeline.at == at
        for key in ("n", "f", "right_square_bracket", "s", "l"):
            await pilot.press(key, "r", "r")
            assert walk(app).session is session
            await pilot.press("r")
            assert other.trace.event(other.timeline.at).kind == session.trace.event(session.timeline.at).kind
            assert other.timeline.event.line == session.timeline.event.line
            await pilot.press("r")


async def test_breakpoints_and_watched_names_are_those_of_both_runs() -> None:
    session = recorded(scenario(PROGRAM, WATCHED), START)
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "set lr = 0")
        await ran(app, pilot)
        await pilot.press("r")
        await ask(pilot, "break line 8")
        await ask(pilot, "watch w.grad")
        await pilot.press("c", "r")
        assert [one.text for one in session.breakpoints] == ["line 8"]
        assert session.watch[0] == "w.grad"
        assert session.timeline.event.line == 8


async def test_the_losses_of_both_runs_are_drawn_with_their_letters(screen_rows: Rows) -> None:
    session = recorded(scenario(PROGRAM, WATCHED), START)
    app = GradbApp(session)
    async with app.run_test(size=(160, 45)) as pilot:
        await ask(pilot, "set lr = 0.01")
        await ran(app, pilot)
        await pilot.press("5")
        await pilot.pause()
        chart = walk(app).panes["charts"]
        assert isinstance(chart, ChartsPane)
        region = chart.region
        lines = [text[region.x : region.right] for text in screen_rows(app)[region.y : region.bottom]]
        assert " A " in lines[1]
        assert " B " in lines[1]
        drawn = "".join(lines[2:])
        assert "A" in drawn
        assert "B" in drawn
        before = lines[1]
        await pilot.press("G")
        await pilot.pause()
        assert screen_rows(app)[region.y + 1][region.x : region.right] != before


async def test_a_script_of_the_users_own_runs_on_too(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(PROGRAM)
    session = recorded(load_script(path), START)
    app = GradbApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "set lr = 0.01")
        await ran(app, pilot)
        assert session.both is not None
        assert session.both.divergence is not None


async def test_a_bundled_scenario_runs_on_with_another_weight() -> None:
    session = recorded(load_bundled("leaf"), "#3")
    app = GradbApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "set w = 5")
        await ran(app, pilot)
        assert session.both is not None
        assert session.both.changes[0].startswith("w: ")


@pytest.mark.parametrize("key", ["r", "j"])
async def test_without_a_second_run_its_keys_say_how_to_make_one(key: str, leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.press(key)
        assert bottom(app).startswith("There is one run: i changes something here")
        await pilot.press("i")
        assert bottom(app).startswith("A recording has no program to run again")


async def test_what_cannot_be_changed_leaves_one_run_and_says_why(screen_rows: Rows) -> None:
    session = recorded(scenario(PROGRAM, WATCHED), "end")
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "set w = 1")
        await ran(app, pilot)
        assert isinstance(app.screen, MessageScreen)
        assert any("no statement begins after event" in text for text in screen_rows(app))
        assert session.both is None
        assert session.other is None
        await pilot.press("escape")
        await ask(pilot, "set loss = 1")
        assert "only a leaf can be set" in bottom(app)


async def test_escape_stops_the_second_run() -> None:
    program = PROGRAM.replace("w.grad = None", "w.grad = None\n    while lr == 0: step = step + 1")
    session = recorded(scenario(program, WATCHED), START)
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "set lr = 0")
        await pilot.pause(0.2)
        assert "Esc stops it" in bottom(app)
        await pilot.press("s", "escape")
        await ran(app, pilot)
        assert session.both is None
        await pilot.press("escape")
        assert isinstance(app.screen, WalkScreen)


async def test_run_b_is_not_changed_again_and_a_gives_another_b() -> None:
    session = recorded(scenario(PROGRAM, WATCHED), START)
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "set lr = 0")
        await ran(app, pilot)
        first = session.other
        await pilot.press("r", "i")
        assert bottom(app).startswith("This is run B")
        await pilot.press("r")
        await ask(pilot, "set w = 0")
        await ran(app, pilot)
        assert session.other is not first
        assert session.both is not None
        assert session.both.changes[0].startswith("w: ")


async def test_any_keys_at_any_size_keep_two_runs_together() -> None:
    chance = random.Random(7)
    session = recorded(scenario(PROGRAM, WATCHED), START)
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "set w = 7")
        await ran(app, pilot)
        both = session.both
        assert both is not None
        for _ in range(30):
            if chance.random() < 0.3:
                await pilot.resize_terminal(chance.randint(1, 160), chance.randint(1, 50))
            await pilot.press(
                chance.choice(("r", "j", "s", "S", "n", "f", "F", "G", "g", "8", "5", "z", "down", "v", "c"))
            )
            shown = walk(app).session
            assert shown in (session, session.other)
            at_a, at_b = both.moments(shown.trace, shown.timeline.at)
            assert 1 <= at_a <= len(both.pairing.left)
            assert 1 <= at_b <= len(both.pairing.right)


@pytest.mark.parametrize("width", [1, 9, 30, 50, 120])
def test_the_comparison_says_of_each_value_how_far_apart_it_is(width: int) -> None:
    first, second = run(scenario(PROGRAM, WATCHED)), run(scenario(PROGRAM.replace("lr = 0.1", "lr = 0.2"), WATCHED))
    both = Both(Pairing(first, second, 2), ("lr: 0.1 → 0.2",), Pairing(first, second, 2).first_divergence())
    end = (len(first), len(second))
    rows = value_rows(both, end, ["w", "w.grad", "q"], width)
    assert len(rows) >= 4
    page = "\n".join(line.text for line in rows)
    if width >= 30:
        assert "≠" in page
        assert "None  same" in page
        assert "A" in page
        assert "B" in page
        assert "loss" in "\n".join(line.text for line in loss_rows(both, end, width))
        told = "\n".join(line.text for line in divergence_rows(both, width))
        assert "first difference" in told
    assert here_rows(both, end, width)
    assert run_rows(both, second, width)
