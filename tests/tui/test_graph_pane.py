"""The graph pane in a running app: what it repaints, how it scrolls, what a click chooses, what it says is hidden."""

import pytest
from gradb.trace.graph import NO_FLOW, Flow, Graph, GraphNode, Role
from gradb.trace.trace import Trace
from gradb_tui.app import GradbApp
from gradb_tui.graph.fitting import draw
from gradb_tui.graph.walking import beside, vertical
from gradb_tui.panes.graph import GraphPane
from gradb_tui.panes.graph_details import Details
from gradb_tui.panes.moment import Pin
from gradb_tui.session import Session
from textual.app import App, ComposeResult
from textual.geometry import Region


def chain(length: int, label: str = "exp") -> Graph:
    """A leaf, then ops in a row; keys count from 1."""
    nodes = tuple(
        GraphNode(key, label if key > 1 else "x", _role(key, length), (key - 1,) * (key > 1), key, None, 0, "", ())
        for key in range(1, length + 1)
    )
    consumers = {key: (key + 1,) for key in range(1, length)}
    return Graph(nodes, {node.key: node for node in nodes}, consumers, 0, 0)


def _role(key: int, length: int) -> Role:
    return "leaf" if key == 1 else "root" if key == length else "op"


class PaneApp(App[None]):
    CSS = "GraphPane { border: round white; width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self.pane = GraphPane()
        self.selected: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_graph_pane_node_selected(self, message: GraphPane.NodeSelected) -> None:
        self.selected.append(message.key)


def rows_of(pane: GraphPane) -> list[str]:
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


def screen_column(pane: GraphPane, text: str) -> tuple[int, int]:
    """Where a text stands in the pane, border included."""
    for y, row in enumerate(rows_of(pane)):
        if text in row:
            return row.index(text) + 1, y + 1
    raise AssertionError(f"{text} is not shown")


async def test_a_step_repaints_only_the_rows_that_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    app = PaneApp()
    async with app.run_test(size=(40, 20)) as pilot:
        graph = chain(5)
        app.pane.show(graph, {5: "visited"}, Flow(5, ((5, 4),)))
        await pilot.pause()
        before = rows_of(app.pane)
        asked: list[Region] = []
        monkeypatch.setattr(app.pane, "refresh", lambda *regions: asked.extend(regions))
        app.pane.show(graph, {5: "visited", 4: "visited"}, Flow(4, ((4, 3),)))
        after = rows_of(app.pane)
        changed = {y for y, (old, new) in enumerate(zip(before, after, strict=True)) if old != new}
        assert changed
        assert changed < {region.y for region in asked}
        assert {region.height for region in asked} == {1}
        assert len(asked) < len(after) // 2


async def test_the_same_moment_again_repaints_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    app = PaneApp()
    async with app.run_test(size=(40, 20)) as pilot:
        app.pane.show(chain(5), {}, Flow(5, ()))
        await pilot.pause()
        asked: list[object] = []
        monkeypatch.setattr(app.pane, "refresh", lambda *regions: asked.append(regions))
        app.pane.show(chain(5), {}, Flow(5, ()))
        assert asked == []


async def test_a_graph_shown_before_there_is_a_size_is_drawn_when_there_is_one() -> None:
    app = PaneApp()
    app.pane.show(chain(3), {}, NO_FLOW)
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.pause()
        assert any("(x)" in row for row in rows_of(app.pane))


async def test_a_click_on_a_node_selects_it_and_a_click_beside_selects_nothing() -> None:
    app = PaneApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.show(chain(3), {}, NO_FLOW)
        await pilot.pause()
        await pilot.click(GraphPane, offset=screen_column(app.pane, "[exp]"))
        await pilot.click(GraphPane, offset=(1, 1))
        assert app.selected == [2]


async def test_keys_choose_a_node() -> None:
    app = PaneApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.show(chain(3), {}, Flow(1, ()))
        app.pane.focus()
        await pilot.press("down", "enter", "down", "enter", "down", "enter", "up", "enter")
        assert app.selected == [2, 3, 3, 2]


async def test_the_current_node_stays_in_sight_and_the_view_moves_only_when_it_leaves() -> None:
    app = PaneApp()
    async with app.run_test(size=(40, 12)) as pilot:
        graph = chain(30)
        tops: list[int] = []
        for key in range(1, 31):
            app.pane.show(graph, {}, Flow(key, ()))
            await pilot.pause()
            assert app.pane.drawing is not None
            row = app.pane.drawing.raster.layout.boxes[app.pane.drawing.places[key]].y
            assert app.pane.viewport.top <= row < app.pane.viewport.top + app.pane.size.height
            tops.append(app.pane.viewport.top)
        assert len(set(tops)) < 15
        assert "↑" in str(app.pane.border_subtitle)


async def test_a_large_graph_says_how_much_of_it_is_shown_and_follows_the_current_node() -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 20)) as pilot:
        graph = chain(1000)
        for key in (500, 510, 900):
            app.pane.show(graph, {}, Flow(key, ()))
            await pilot.pause()
            assert app.pane.drawing is not None
            assert key in app.pane.drawing.places
            assert "30 of 1000 nodes" in str(app.pane.border_subtitle)


async def test_surroundings_stay_where_they_are_in_the_next_step_and_when_the_size_changes() -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 20)) as pilot:
        app.pane.show(chain(1000), {}, Flow(500, ()))
        app.pane.show(chain(1000), {}, NO_FLOW)
        await pilot.resize_terminal(60, 15)
        await pilot.pause()
        assert app.pane.drawing is not None
        assert app.pane.drawing.focus == 499


async def test_labels_are_never_read_as_markup() -> None:
    app = PaneApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.show(chain(2, "[/x][red]"), {}, NO_FLOW)
        await pilot.pause()
        assert any("[/x][red]" in row for row in rows_of(app.pane))


async def test_the_legend_is_shown_where_the_drawing_leaves_room() -> None:
    app = PaneApp()
    async with app.run_test(size=(60, 20)) as pilot:
        app.pane.show(chain(2), {}, NO_FLOW)
        await pilot.pause()
        assert "visited" in rows_of(app.pane)[-1] + rows_of(app.pane)[-2]
        app.pane.show(chain(10), {}, NO_FLOW)
        await pilot.pause()
        assert not any("visited" in row for row in rows_of(app.pane))


async def test_roles_and_states_add_up_to_one_style() -> None:
    app = PaneApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.show(chain(3), {}, Flow(1, ()))
        await pilot.pause()
        segments = [segment for y in range(3) for segment in app.pane.render_line(y) if "x" in segment.text]
        leaf = app.pane.get_component_rich_style("graph--leaf")
        assert segments[0].style is not None
        assert segments[0].style.reverse
        assert segments[0].style.color == leaf.color


async def test_the_pane_says_so_while_there_is_no_graph() -> None:
    app = PaneApp()
    async with app.run_test(size=(90, 5)) as pilot:
        app.pane.show(chain(0), {}, NO_FLOW)
        await pilot.pause()
        assert "No graph yet" in rows_of(app.pane)[0]


async def test_any_size_and_any_scrolling_can_be_painted() -> None:
    app = PaneApp()
    async with app.run_test(size=(30, 10)) as pilot:
        graph = chain(45)
        for size in ((1, 1), (3, 3), (200, 4), (6, 60), (300, 100), (12, 9)):
            await pilot.resize_terminal(*size)
            app.pane.show(graph, {}, Flow(20, ((20, 19),)))
            app.pane.action_scroll("page")
            app.pane.scroll_cells(-100, 5)
            await pilot.pause()
            assert all(app.pane.render_line(y).cell_length == app.pane.size.width for y in range(app.pane.size.height))


async def test_the_view_goes_to_the_end_of_the_drawing_and_no_further() -> None:
    app = PaneApp()
    async with app.run_test(size=(30, 10)) as pilot:
        app.pane.show(chain(30), {}, Flow(1, ()))
        await pilot.pause()
        app.pane.scroll_cells(0, 4)
        assert app.pane.viewport.top == 4
        app.pane.scroll_cells(0, 1000)
        assert app.pane.viewport.top == app.pane.viewport.drawing_height - app.pane.size.height


async def test_a_training_is_drawn_on_one_raster_from_its_first_step_to_its_last(regression_trace: Trace) -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 16)) as pilot:
        await pilot.pause()
        rasters: set[int] = set()
        first, last = regression_trace.step_span(2)
        for at in (*range(first, last + 1), regression_trace.step_span(30)[0]):
            graph = regression_trace.graph(at)
            app.pane.show(graph, regression_trace.node_states(graph, at), regression_trace.flow(graph, at))
            assert app.pane.scene is not None
            rasters.add(id(app.pane.scene.raster))
        assert len(rasters) == 1
        assert any("y_pred" in row for row in rows_of(app.pane))


def test_walking_up_prefers_what_gradients_go_through_and_down_comes_back(leaf_trace: Trace) -> None:
    graph = leaf_trace.graph(5)
    z = graph.nodes[-1].key
    y = vertical(graph, z, -1)
    assert y is not None
    assert graph.by_key[y].name == "y"
    w = vertical(graph, y, -1)
    assert w is not None
    assert graph.by_key[w].name == "w"
    assert vertical(graph, w, -1) is None
    assert vertical(graph, w, 1) == y
    drawing = draw(graph, 40, 20)
    x = beside(drawing, w, 1) or beside(drawing, w, -1)
    assert x is not None
    assert graph.by_key[x].name == "x"
    assert vertical(graph, 12345, 1) is None
    assert beside(drawing, 12345, 1) is None


async def test_u_and_d_choose_nodes_and_enter_shows_them(leaf_session: Session) -> None:
    leaf_session.timeline.seek(5)
    app = GradbApp(leaf_session)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("u", "u", "enter")
        await pilot.pause()
        assert leaf_session.pin == Pin("w")
        await pilot.press("d", "enter")
        await pilot.pause()
        assert leaf_session.pin == Pin("y")


def test_boxes_show_values_before_backward_and_norms_of_gradients_in_it(regression_trace: Trace) -> None:
    trace = regression_trace
    at = trace.locate("step2/backward/4")
    graph = trace.graph(at)
    by_name = {node.name: node.key for node in graph.nodes}
    details = Details(trace, graph, at, {})
    assert details.get(by_name["loss"]) == "∇1"
    assert details.get(by_name["w"], "").startswith("0.")
    assert details.get(by_name["scaled"]) is None
    assert details.get(by_name["square"]) is None
