"""The debugger, driven by keys: the cursor, the panes that follow it, the kept tensor, the pages over it."""

from collections.abc import Callable

import pytest
from gradb.trace.events import Raised
from gradb.trace.trace import Header, Trace
from gradb_tui.app import GradbApp
from gradb_tui.keys import COMMANDS
from gradb_tui.panes.charts import ChartsPane
from gradb_tui.panes.moment import Pin
from gradb_tui.panes.plot import CursorCanvas
from gradb_tui.screens.help import HelpScreen
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session
from screens import has, until
from textual.app import App
from textual.color import Color

Rows = Callable[[App[int]], list[str]]


async def test_keys_move_the_cursor_and_the_panes_follow(leaf_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("s", "s", "s")
        assert leaf_session.timeline.at == 4
        rows = screen_rows(app)
        assert has(rows, "step1/forward/4  event 4 of 14")
        assert has(rows, "▶ 6*") or has(rows, "▶6*")
        assert has(rows, "y = mul(w, x) → [1]")
        assert has(rows, "tensor([1.], grad_fn=<MulBackward0>)")
        await pilot.press("S")
        assert leaf_session.timeline.at == 3
        assert has(screen_rows(app), "tensor([-1.2500], requires_grad=True)")


@pytest.mark.parametrize("focused", ["1", "2", "3", "4", "5", "6", "7"])
async def test_a_key_means_the_same_in_every_pane(leaf_session: Session, focused: str) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(focused)
        for key, at in [("end", 14), ("left", 13), ("home", 1), ("right", 2), ("n", 7), ("N", 7), ("G", 14), ("g", 1)]:
            await pilot.press(key)
            if key != "N":  # there is no visit before the first
                assert leaf_session.timeline.at == at, key


async def test_a_move_that_goes_nowhere_says_so(leaf_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("S")
        assert has(screen_rows(app), "This is the first event.")
        await pilot.press("s")
        assert has(screen_rows(app), "s/S event")


async def test_a_pane_behind_another_comes_to_the_front_with_its_key_or_tab(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = app.screen
        assert isinstance(screen, WalkScreen)
        assert "graph" not in screen.body.arrangement.places
        await pilot.press("4")
        await pilot.pause()
        assert "graph" in screen.body.arrangement.places
        assert screen.focused is screen.panes["graph"]
        await pilot.press("tab")
        await pilot.pause()
        assert "charts" in screen.body.arrangement.places
        await pilot.press("shift+tab", "z")
        await pilot.pause()
        assert set(screen.body.arrangement.places) == {"graph"}


async def test_a_variable_can_be_kept_and_let_go(leaf_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("G", "7", "enter")
        await pilot.pause()
        assert leaf_session.pin == Pin(name="w")
        assert has(screen_rows(app), "kept on w")
        await pilot.press("g")
        assert has(screen_rows(app), "It does not exist yet")
        await pilot.press("escape")
        assert leaf_session.pin is None


async def test_a_node_of_the_graph_can_be_kept(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("s", "s", "s", "s", "s", "s")
        screen = app.screen
        assert isinstance(screen, WalkScreen)
        from gradb_tui.panes.graph import GraphPane

        graph = leaf_session.timeline.graph()
        key = next(node.key for node in graph.nodes if node.name == "y")
        screen.panes["graph"].post_message(GraphPane.NodeSelected(key))
        await pilot.pause()
        assert leaf_session.pin == Pin(name="y")


async def test_the_timeline_takes_clicks(regression_session: Session) -> None:
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.click("#timeline", offset=(60, 0))
        assert 0.4 < regression_session.timeline.at / len(regression_session.trace) < 0.7
        at = regression_session.timeline.at
        step = regression_session.trace.step_of(at)
        await pilot.click("#timeline", offset=(6, 1))
        assert regression_session.timeline.at == regression_session.trace.step_span(step)[0]


async def test_a_click_on_a_line_goes_to_its_next_event(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.click("#source", offset=(12, 7))
        assert leaf_session.trace.event(leaf_session.timeline.at).line == 7


async def test_help_lists_the_keys_and_closes_again(leaf_session: Session, screen_rows: Rows) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert has(screen_rows(app), "to the next node that backward visits")
        await pilot.press("s", "G")
        assert leaf_session.timeline.at == 1
        assert has(screen_rows(app), "Esc closes")
        page = app.screen.page
        await pilot.press("pagedown")
        assert page.top == page.size.height - 1
        await pilot.press("pageup")
        assert page.top == 0
        await pilot.press("end")
        assert page.top + page.size.height == len(page.rows)
        await pilot.press("home")
        assert page.top == 0
        await pilot.press("q")
        assert isinstance(app.screen, WalkScreen)


async def test_the_palette_has_every_command_of_the_walk(leaf_session: Session) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(80, 24)) as pilot:
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert {command.label for command in COMMANDS if not command.on_a_page} | {"Theme"} <= set(titles)
        await pilot.press("ctrl+p", *"one event on", "enter", "enter")
        await until(pilot, lambda: leaf_session.timeline.at == 2)
        await pilot.press("7", "ctrl+p", *"scroll down", "enter", "enter")
        screen = app.screen_stack[1]
        assert isinstance(screen, WalkScreen)
        await until(pilot, lambda: screen.watched.choice == 1)


async def test_charts_are_drawn_again_only_when_they_change(
    regression_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    draw = ChartsPane._draw
    monkeypatch.setattr(ChartsPane, "_draw", lambda pane, figure: (drawn.append(figure.title), draw(pane, figure)))
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("end", "end")
        before = len(drawn)
        await pilot.press("S", "S", "S", "s")
        assert len(drawn) == before


async def test_markup_in_titles_names_and_notes_is_shown_as_it_is(screen_rows: Rows) -> None:
    trace = Trace(Header(source="x = '[/x] [red]'\n"))
    trace.events.append(Raised(1, "RuntimeError", "[/boom] \x1b[2J"))
    trace.bind("[/w]", 1)
    session = Session(trace, "[/title] [bold]", "[/about]", (), ("[/w]",))
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        rows = screen_rows(app)
        for text in ("[/title] [bold]", "'[/x] [red]'", "RuntimeError: [/boom] ␛[2J", "[/w]"):
            assert has(rows, text)
        await pilot.press("7", "enter")
        await pilot.pause()
        assert has(screen_rows(app), "kept on [/w]")


@pytest.mark.parametrize("theme", ["gradb-dark", "gradb-light", "textual-light", "dracula", "ansi-dark"])
async def test_every_theme_draws(leaf_session: Session, theme: str, screen_rows: Rows) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        if theme in app.available_themes:
            app.theme = theme
        await pilot.press("s", "n")
        assert has(screen_rows(app), "1 source")


async def test_no_color_never_uses_the_terminals_own_colours(
    leaf_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = GradbApp(leaf_session)
    async with app.run_test(size=(80, 24)):
        for name, theme in app.available_themes.items():
            app.theme = name
            assert app.theme == ("gradb-dark" if theme.ansi else name)


async def test_a_wrong_theme_in_the_environment_is_passed_over(
    leaf_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEXTUAL_THEME", "no such theme")
    app = GradbApp(leaf_session)
    async with app.run_test(size=(80, 24)):
        assert app.theme == "gradb-dark"


async def test_a_chart_takes_the_colours_of_another_theme_at_once(regression_session: Session) -> None:
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        canvas = app.screen.query_one(CursorCanvas)

        def colours() -> set[str]:
            strips = (canvas.render_line(y) for y in range(canvas.size.height))
            return {str(s.style.color) for strip in strips for s in strip if s.style and s.text.strip("│ ┃━")}

        before = colours()
        app.theme = "gradb-light"
        await until(pilot, lambda: not before & colours())


@pytest.mark.parametrize("theme", ["gradb-dark", "gradb-light"])
async def test_the_marked_scenario_can_be_read_in_the_chooser(theme: str) -> None:
    app = GradbApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = theme
        await pilot.pause()
        segments = [s for strip in app.screen._compositor.render_strips() for s in strip]
        style = next(s.style for s in segments if s.text.strip() == "leaf")
        assert style is not None
        assert style.color is not None
        assert style.bgcolor is not None
        front, back = Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)
        light, dark = sorted((front.brightness, back.brightness))[::-1]
        assert light - dark > 0.4
