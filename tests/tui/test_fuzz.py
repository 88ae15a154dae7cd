"""Random keys, clicks and sizes: nothing ever fails, and the cursor is where a timeline without an app would be."""

import random

import pytest
from gradb.trace.timeline import Timeline
from gradb_tui.app import GradbApp
from gradb_tui.keys import COMMANDS
from gradb_tui.moves import MOVES
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session

KEYS = [
    (key, command.action)
    for command in COMMANDS
    for key in command.keys
    if command.where in ("walk", "pane") and key != "escape"
]
PAGES = ("prompt", "search", "play", "breakpoints", "why", "check")
SAFE = [(key, action) for key, action in KEYS if action not in PAGES]
LINES = [
    *("", "s 3", "rn", "50%", "step 1", "line 5", "pt w", "pt w[0", "ni mul", "li b", "info", "zzz", "watch w", "w"),
    *("break w.grad", "break loss.isnan()", "c", "rc", "delete", "why"),
]
OTHERS = ["escape", "x", "ctrl+a", "backspace", "f5", "é", "ctrl+r"]
PRESSES = 120


def size(chance: random.Random) -> tuple[int, int]:
    """Often tiny, sometimes huge, usually what people have."""
    kind = chance.random()
    if kind < 0.25:
        return chance.randint(1, 12), chance.randint(1, 8)
    if kind < 0.5:
        return chance.randint(1, 300), chance.randint(1, 100)
    return chance.choice([(80, 24), (120, 40), (200, 50), (60, 20), (100, 12)])


@pytest.mark.parametrize("seed", range(6))
async def test_any_keys_at_any_size_leave_the_cursor_where_the_headless_one_is(
    seed: int, leaf_session: Session, regression_session: Session
) -> None:
    chance = random.Random(seed)
    session = chance.choice([leaf_session, regression_session])
    headless: Timeline = session.trace.timeline()
    app = GradbApp(session)
    async with app.run_test(size=size(chance)) as pilot:
        await pilot.pause()
        for _ in range(PRESSES):
            if chance.random() < 0.12:
                await pilot.resize_terminal(*size(chance))
            key, action = chance.choice(SAFE) if chance.random() < 0.9 else (chance.choice(OTHERS), "")
            app.simulate_key(key)
            if action.startswith("move("):
                MOVES[action.removeprefix("move('").removesuffix("')")](headless)
            else:
                await pilot.pause()
                headless.seek(session.timeline.at)
            if chance.random() < 0.3:
                await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)
        assert session.timeline.at == headless.at


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_is_typed_and_clicked_nothing_fails(
    seed: int, leaf_session: Session, regression_session: Session
) -> None:
    chance = random.Random(1000 + seed)
    session = chance.choice([leaf_session, regression_session])
    app = GradbApp(session)
    async with app.run_test(size=size(chance)) as pilot:
        await pilot.pause()
        for _ in range(PRESSES):
            kind = chance.random()
            if kind < 0.1:
                await pilot.resize_terminal(*size(chance))
            elif kind < 0.2:
                where = chance.randrange(app.size.width), chance.randrange(app.size.height)
                await pilot.click(offset=where)
            elif kind < 0.3:
                app.simulate_key(chance.choice(["colon", "slash"]))
                for key in chance.choice(LINES):
                    app.simulate_key({" ": "space", "/": "slash", "[": "left_square_bracket"}.get(key, key))
                app.simulate_key(chance.choice(["enter", "enter", "tab", "escape", "up"]))
            elif kind < 0.4:
                app.simulate_key(chance.choice(["B", "e", "k"]))
                for _ in range(3):
                    app.simulate_key(chance.choice(["down", "up", "enter", "space", "d", "backspace", "g"]))
                app.simulate_key("escape")
            else:
                app.simulate_key(chance.choice(KEYS)[0])
            if chance.random() < 0.3:
                await pilot.pause()
        await pilot.pause()
        assert 1 <= session.timeline.at <= len(session.trace)


@pytest.mark.parametrize("at", [(1, 1), (1, 100), (300, 1), (2, 2), (5, 3), (23, 7), (36, 8), (59, 15), (300, 100)])
async def test_every_pane_can_be_used_at_the_edges(at: tuple[int, int], leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=at) as pilot:
        for key in "1s2n3f4s5]6G7Sz1z":
            await pilot.press({"]": "right_square_bracket"}.get(key, key))
        await pilot.press("question_mark", "down", "escape")
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)


async def test_a_chart_can_be_shown_at_any_small_size(regression_session: Session) -> None:
    regression_session.timeline.seek(4)  # a figure of the program's, with points on its edges
    app = GradbApp(regression_session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("5", "z")
        for width, height in [(w, h) for w in (1, 5, 9, 10, 11, 12, 13, 14, 16, 20) for h in (1, 4, 5, 6, 7, 8, 10)]:
            await pilot.resize_terminal(width, height)
        await pilot.resize_terminal(80, 24)
        assert isinstance(app.screen, WalkScreen)


async def test_as_many_steps_back_as_on_is_the_start(regression_session: Session) -> None:
    regression_session.timeline.seek(100)
    app = GradbApp(regression_session)
    async with app.run_test(size=(80, 24)) as pilot:
        before = [strip.text for strip in app.screen._compositor.render_strips()]
        for key in ["s"] * 30 + ["S"] * 30:
            app.simulate_key(key)
        await pilot.pause()
        await pilot.pause()
        assert [strip.text for strip in app.screen._compositor.render_strips()] == before
