"""What a key paints: once, and only what it changed."""

import pytest
from gradb_tui.app import GradbApp
from gradb_tui.screens.walk import WalkScreen
from gradb_tui.session import Session
from textual.css.stylesheet import Stylesheet
from textual.geometry import Region
from textual.screen import Screen

PANES = {"1": "source", "2": "event", "3": "tensor", "4": "graph", "5": "charts", "6": "notes", "7": "watch"}


async def test_another_pane_has_the_focus_and_nothing_is_styled_or_painted_but_the_two_panes(
    regression_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    regression_session.timeline.seek(60)
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        styled: list[object] = []
        painted: list[Region] = []
        monkeypatch.setattr(Stylesheet, "apply", lambda _, node, **__: styled.append(node))
        paint = Screen._compositor_refresh
        monkeypatch.setattr(
            Screen, "_compositor_refresh", lambda s: (painted.extend(s._compositor._dirty_regions), paint(s))
        )
        for before, key in zip("1234567", "2345671", strict=True):
            await pilot.press(before)
            await pilot.pause()
            painted.clear()
            await pilot.press(key)
            await pilot.pause()
            panes = [app.screen.query_one(f"#{name}").region for name in (PANES[before], PANES[key])]
            assert painted
            assert all(any(region in pane for pane in panes) for region in painted), key
        assert not styled


async def test_another_view_of_the_tensor_paints_no_pane_but_that_one(
    regression_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    regression_session.timeline.seek(60)
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await pilot.pause()
        painted: list[Region] = []
        paint = Screen._compositor_refresh
        monkeypatch.setattr(
            Screen, "_compositor_refresh", lambda s: (painted.extend(s._compositor._dirty_regions), paint(s))
        )
        await pilot.press("v")
        await pilot.pause()
        pane = app.screen.query_one("#tensor")
        assert "table" in str(pane.border_title)
        assert painted
        assert all(region in pane.region for region in painted)


async def test_the_frame_of_the_pane_in_use_is_heavy_and_a_pane_without_a_frame_gets_none(
    leaf_session: Session,
) -> None:
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("2")
        frames = {pane.id: pane.styles.border_top[0] for pane in app.screen.query(".pane")}
        assert frames.pop("event") == "heavy"
        assert set(frames.values()) == {"round"}
        await pilot.resize_terminal(20, 7)
        await pilot.pause()
        assert {pane.styles.border_top[0] for pane in app.screen.query(".pane")} == {""}
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert app.screen.query_one("#event").styles.border_top[0] == "heavy"


async def test_a_chart_of_another_figure_is_painted_together_with_the_rest(
    regression_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    paints: list[None] = []
    monkeypatch.setattr(GradbApp, "post_display_hook", lambda _: paints.append(None))
    app = GradbApp(regression_session)
    async with app.run_test(size=(120, 40)) as pilot:
        for number in (4, len(regression_session.trace)):  # a figure, then the loss
            await pilot.pause()
            regression_session.timeline.seek(number)
            paints.clear()
            assert isinstance(app.screen, WalkScreen)
            app.screen.show_moment()
            await pilot.pause(0.1)
            assert len(paints) == 1
