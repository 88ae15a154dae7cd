"""Moving by key: lines, writes, what was chosen, bookmarks, search, play, the prompt."""

from collections.abc import Callable

import pytest
from gradb_tui.app import GradbApp
from gradb_tui.panes.moment import Pin
from gradb_tui.screens.message import MessageScreen
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session
from textual.app import App
from textual.pilot import Pilot

Rows = Callable[[App[int]], list[str]]


def bottom(app: App[int]) -> str:
    screen = app.screen
    assert isinstance(screen, WalkScreen)
    return screen.bottom.rows[0].text


async def write(pilot: Pilot[int], sign: str, text: str) -> None:
    names = {" ": "space", "/": "slash", "%": "percent_sign", ".": "full_stop", "[": "left_square_bracket"}
    await pilot.press({":": "colon", "/": "slash"}[sign], *(names.get(key, key) for key in text), "enter")
    await pilot.pause()


async def test_keys_of_gdb_and_of_chrome_move_alike(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        presses = [("l", 2), ("f11", 3), ("L", 2), ("f10", 7), ("n", 10), ("N", 7), ("f23", 13), ("F", 6), ("f", 13)]
        for key, at in [*presses, ("shift+f11", 14)]:
            await pilot.press(key)
            assert leaf_session.timeline.at == at, key


async def test_w_goes_from_write_to_write_of_one_variable_and_stays_with_it(regression_session: Session) -> None:
    regression_session.timeline.seek("step2/update/1")
    trace = regression_session.trace
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        assert regression_session.moment().tensor_name == "w"
        for key, address in [("w", "step3/update/1"), ("w", "step4/update/1"), ("W", "step3/update/1")]:
            await pilot.press(key)
            assert trace.address(regression_session.timeline.at) == address
        regression_session.pin = Pin("loss")
        await pilot.press("w")
        assert trace.address(regression_session.timeline.at) == "step4/forward/8"
        await pilot.press("w")
        assert trace.address(regression_session.timeline.at) == "step5/forward/8"
        await pilot.press("end", "w")
        assert bottom(app) == " loss is not written after this event."


async def test_t_runs_to_the_line_or_the_node_that_was_chosen(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("1", "down", "down", "down", "t")
        assert leaf_session.trace.event(leaf_session.timeline.at).line == 6
        await pilot.press("t")
        assert bottom(app) == " Line 6 does not run after this event."
        await pilot.press("4", "t")
        assert bottom(app) == " Choose a node with ↑ and ↓ first."
        screen = app.screen
        assert isinstance(screen, WalkScreen)
        screen.graph.choose(leaf_session.timeline.graph().nodes[-1].key)
        await pilot.press("t")
        assert leaf_session.timeline.at == 5
        await pilot.press("t", "T")
        assert leaf_session.timeline.at == 5
        await pilot.press("escape")
        assert screen.graph.chosen is None


async def test_bookmarks_are_gone_round_and_marked_on_the_timeline(leaf_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("apostrophe")
        assert "There is no bookmark" in bottom(app)
        await pilot.press("s", "m", "n", "m", "g")
        assert sum(line.count("◈") for line in screen_rows(app)) == 2
        visited: list[int] = []
        for key in ["apostrophe"] * 3 + ["quotation_mark"] * 2:
            await pilot.press(key)
            visited.append(leaf_session.timeline.at)
        assert visited == [2, 7, 2, 7, 2]
        await pilot.press("m", "apostrophe")
        assert leaf_session.bookmarks == [7]


async def test_a_search_finds_names_ops_nodes_and_lines(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await write(pilot, "/", "MulBack")
        assert leaf_session.timeline.at == 4
        await pilot.press("comma")
        assert leaf_session.timeline.at == 10
        await pilot.press("full_stop")
        assert leaf_session.timeline.at == 4
        await write(pilot, "/", "b.grad")
        assert leaf_session.timeline.at == 9
        await write(pilot, "/", "nothing")
        assert bottom(app) == " Nothing here has to do with 'nothing'."


async def test_play_walks_by_itself_until_the_end_or_space(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("plus", "plus", "plus", "plus", "plus", "space")
        for _ in range(100):
            await pilot.pause(0.02)
            if leaf_session.timeline.at == 14:
                break
        assert leaf_session.timeline.at == 14
        await pilot.pause()
        assert bottom(app) == " This is the last event."
        await pilot.press("minus")
        assert "events a second" in bottom(app)


async def test_the_prompt_goes_to_addresses_and_does_commands(leaf_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        for text, at in [("line 7", 5), ("s 3", 8), ("rs", 7), ("50%", 7), ("step1/backward/2", 7), ("end", 14)]:
            await write(pilot, ":", text)
            assert leaf_session.timeline.at == at, text
        await write(pilot, ":", "watch y.grad")
        assert leaf_session.watch[0] == "y.grad"
        await write(pilot, ":", "unwatch y.grad")
        assert "y.grad" not in leaf_session.watch
        await write(pilot, ":", "pt w.grad")
        assert (leaf_session.pin, leaf_session.facet) == (Pin("w"), "grad")
        await write(pilot, ":", "fly away")
        assert "'fly away' is no command and no address; :help lists them" in bottom(app)
        await write(pilot, ":", "pt q")
        assert "there is no variable 'q'" in bottom(app)
        await write(pilot, ":", "li y")
        assert isinstance(app.screen, MessageScreen)
        assert any("w  leaf w [1]" in line for line in screen_rows(app))


async def test_the_prompt_remembers_and_completes(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(80, 24)) as pilot:
        await write(pilot, ":", "line 6")
        await write(pilot, ":", "s")
        await pilot.press("colon", "up", "up", "enter")
        await pilot.pause()
        assert leaf_session.timeline.at == 4
        assert leaf_session.history == [":line 6", ":s", ":line 6"]
        await pilot.press("colon", *"wat", "tab", "space", "w", "tab", "enter")
        await pilot.pause()
        assert leaf_session.watch[0] == "w.grad"
        await pilot.press("colon", "q", "escape")
        assert isinstance(app.screen, WalkScreen)


@pytest.mark.parametrize("pane", ["1", "2", "3", "4", "5", "6", "7"])
async def test_the_text_of_the_pane_in_use_is_copied(leaf_session: Session, pane: str) -> None:
    leaf_session.timeline.seek(14)
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(pane, "y")
        words = ["import torch", "printed", "leaf", "mul", "loss", "printed up to here", "w.grad"]
        assert words[int(pane) - 1] in app.clipboard


async def test_a_run_from_the_list_goes_back_to_the_list() -> None:
    app = GradbApp()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, WalkScreen)
        await app.workers.wait_for_complete()
        await pilot.press("s", "q")
        await pilot.pause()
        assert not isinstance(app.screen, WalkScreen)
        assert app.is_running
        await pilot.press("q")
        await pilot.pause()
        assert app.return_code == 0
