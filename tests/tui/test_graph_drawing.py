"""How graphs look: in the space there is, with states and flow, and around a node where they are too large."""

from textwrap import dedent

import pytest
from gradb.drawing.neighbourhood import neighbourhood
from gradb.trace.graph import NO_FLOW, Flow, Graph, GraphNode, Role
from gradb_tui.graph.captions import LOOKS, caption, clean, legend, shape_text
from gradb_tui.graph.fitting import counterpart, draw
from gradb_tui.graph.paint import changed_rows, paint_row, paint_text
from msgspec.structs import replace

N = tuple[str, Role, tuple[int, ...], str, tuple[int, ...]]


def graph_of(*nodes: N) -> Graph:
    """A graph of (label, role, inputs, name, shape); keys count from 1."""
    made = [
        GraphNode(key, label, role, inputs, key, None, 0, name, shape)
        for key, (label, role, inputs, name, shape) in enumerate(nodes, 1)
    ]
    consumers: dict[int, tuple[int, ...]] = {}
    for node in made:
        for source in dict.fromkeys(node.inputs):
            consumers[source] = (*consumers.get(source, ()), node.key)
    return Graph(tuple(made), {node.key: node for node in made}, consumers, 0, 0)


REGRESSION = graph_of(
    ("w", "leaf", (), "w", (1, 1)),
    ("x2", "constant", (), "x2", (100, 1)),
    ("mul", "op", (1, 2), "", (100, 1)),
    ("b", "leaf", (), "b", (1, 1)),
    ("add", "op", (3, 4), "y_pred", (100, 1)),
    ("y", "constant", (), "y", (100, 1)),
    ("sub", "op", (5, 6), "", (100, 1)),
    ("pow", "op", (7,), "", (100, 1)),
    ("sum", "root", (8,), "loss", ()),
)


def text_of(graph: Graph, width: int, height: int, states: dict[int, str] | None = None, flow: Flow = NO_FLOW) -> str:
    return "\n".join(paint_text(draw(graph, width, height, flow.current).scene(states or {}, flow)))


def block(text: str) -> str:
    return dedent(text).strip("\n")


def chain(length: int) -> Graph:
    ops: list[N] = [("exp", "op", (key,), "", ()) for key in range(1, length)]
    return graph_of(("x", "leaf", (), "x", ()), *ops)


def test_the_regression_in_little_space() -> None:
    assert text_of(REGRESSION, 18, 12) == block(
        """
        (w)  ‹x2›
         │  ┌─┘ 100×1
         [mul]  (b)
           │ ┌───┘
          [add]  ‹y›
            │ ┌───┘
          [sub]
            │ 100×1
          [pow]
            │ 100×1
          {loss}
        """
    )


def test_the_regression_with_room_has_boxes_with_names_and_shapes() -> None:
    assert text_of(REGRESSION, 60, 30) == block(
        """
        ╭───────────╮  ┌╌╌╌╌╌╌╌┐
        │     w     │  ╎  x2   ╎
        │    1×1    │  ╎ 100×1 ╎
        ╰───────────╯  └╌╌╌╌╌╌╌┘
              │          ┌─┘
              ┌───────────┐  ╭───────────╮
              │    mul    │  │     b     │
              │   100×1   │  │    1×1    │
              └───────────┘  ╰───────────╯
                    │        ┌─────┘
               ┌──────────────┐  ┌╌╌╌╌╌╌╌┐
               │ y_pred = add │  ╎   y   ╎
               │    100×1     │  ╎ 100×1 ╎
               └──────────────┘  └╌╌╌╌╌╌╌┘
                      │     ┌────────┘
                 ┌───────────┐
                 │    sub    │
                 │   100×1   │
                 └───────────┘
                       │
                 ┌───────────┐
                 │    pow    │
                 │   100×1   │
                 └───────────┘
                       │
                 ╔════════════╗
                 ║ loss = sum ║
                 ║   scalar   ║
                 ╚════════════╝
        """
    )


def test_a_value_read_twice_and_by_several_forks() -> None:
    graph = graph_of(
        ("x", "leaf", (), "x", ()),
        ("mul", "op", (1, 1), "", ()),
        ("exp", "op", (2,), "", ()),
        ("sin", "op", (2,), "", ()),
        ("mul", "op", (3, 4), "", ()),
        ("add", "root", (5, 1), "loss", ()),
    )
    assert text_of(graph, 18, 12) == block(
        """
              (x)
              ┌┴┬─────┐
             [mul]    │
           ┌───┤      │
        [exp]  [sin]  │
          └────┐ │    │
               [mul]  │
                 │    │
                 {loss}
        """
    )


def test_a_crossing_is_told_from_a_fork() -> None:
    graph = graph_of(
        ("a", "leaf", (), "a", ()),
        ("b", "leaf", (), "b", ()),
        ("add", "op", (1, 2), "", ()),
        ("mul", "op", (1, 2), "", ()),
        ("sub", "root", (3, 4), "", ()),
    )
    assert text_of(graph, 18, 5) == block(
        """
         (a)    (b)
          ├────┐ │
          │ ┌──│─┤
        [add]  [mul]
          │ ┌────┘
        {sub}
        """
    )


def test_in_forward_values_flow_down_into_the_current_node_and_later_ones_are_dotted() -> None:
    states = dict.fromkeys(range(7, 10), "not_built")
    assert text_of(REGRESSION, 18, 12, states, Flow(5, ((3, 5), (4, 5)))) == block(
        """
        (w)  ‹x2›
         │  ┌─┘ 100×1
         [mul]  (b)
           ▼ ▼━━━┛
          [add]  ‹y›
            ┊ ┌╌╌╌┘
          [sub]·
            ┊ 100×1
          [pow]·
            ┊ 100×1
          {loss}·
        """
    )


def test_in_backward_gradients_flow_up_and_marks_tell_the_states() -> None:
    states = {9: "freed", 8: "visited", 7: "visited", 5: "visited", 3: "ready", 4: "ready"}
    assert text_of(REGRESSION, 18, 12, states, Flow(5, ((5, 3), (5, 4)))) == block(
        """
        (w)  ‹x2›
         │  ┌─┘ 100×1
         [mul]◇ (b)◇
           ▲ ┏━━━▲
          [add]✓ ‹y›
            │ ┌───┘
          [sub]✓
            │ 100×1
          [pow]✓
            │ 100×1
          {loss}∅
        """
    )


def test_every_state_of_a_node_looks_different_without_colours() -> None:
    drawing = draw(REGRESSION, 18, 12)
    texts = {
        state: "\n".join(paint_text(drawing.scene(dict.fromkeys(range(1, 10), state), NO_FLOW)))
        for state in ("not_built", "built", "ready", "visited", "freed")
    }
    assert len(set(texts.values())) == 5


def test_the_current_node_has_a_style_of_its_own() -> None:
    drawing = draw(REGRESSION, 18, 12)
    scene = drawing.scene({}, Flow(3, ()))
    styles = {span.text: span.styles for span in paint_row(scene, drawing.raster.layout.boxes[2].y)}
    assert "current" in styles["[mul]"]
    assert "current" not in styles["(b)"]


def test_the_look_is_the_roomiest_that_fits() -> None:
    looks = [
        draw(REGRESSION, width, height).look for width, height in ((80, 60), (80, 30), (40, 22), (40, 12), (18, 12))
    ]
    assert looks == [LOOKS[0], LOOKS[1], LOOKS[2], LOOKS[3], LOOKS[5]]


def test_what_fits_nowhere_is_drawn_in_the_tightest_look() -> None:
    drawing = draw(REGRESSION, 5, 3)
    assert drawing.look == LOOKS[-1]
    assert drawing.raster.layout.width > 5


def test_equal_structures_share_a_raster_whatever_their_keys() -> None:
    other = [
        GraphNode(n.key + 50, n.label, n.role, tuple(i + 50 for i in n.inputs), 0, None, 0, n.name, n.shape)
        for n in REGRESSION.nodes
    ]
    consumers = {key + 50: tuple(k + 50 for k in users) for key, users in REGRESSION.consumers.items()}
    later = Graph(tuple(other), {node.key: node for node in other}, consumers, 0, 0)
    assert draw(later, 30, 20).raster is draw(REGRESSION, 30, 20).raster


def test_only_rows_whose_states_changed_differ() -> None:
    drawing = draw(REGRESSION, 18, 12)
    before = drawing.scene({}, Flow(8, ((8, 7),)))
    after = drawing.scene({7: "visited"}, Flow(7, ((7, 5),)))
    rows = changed_rows(before, after)
    painted = [(paint_row(before, y), paint_row(after, y)) for y in range(drawing.raster.layout.height)]
    assert {y for y, (old, new) in enumerate(painted) if old != new} <= rows
    assert rows == {5, 6, 7, 8}


def test_wide_characters_are_measured_in_cells() -> None:
    graph = graph_of(("权重", "leaf", (), "权重", ()), ("exp", "root", (1,), "损失", ()))
    assert text_of(graph, 12, 3) == block(
        """
        (权重)
          │
        {损失}
        """
    )
    assert draw(graph, 12, 3).raster.layout.boxes[0].width == 6


def test_labels_are_shown_as_they_are_on_one_line() -> None:
    assert clean("[/bold]") == "[/bold]"
    assert clean("a\n\x1b[31mb") == "a  [31mb"
    assert clean("a" * 40) == "a" * 23 + "…"
    assert len(clean("权" * 40)) == 12


def test_an_op_is_named_as_in_the_program() -> None:
    assert caption("add", "y", "op", LOOKS[0]) == "y = add"
    assert caption("add", "y", "op", LOOKS[-1]) == "add"
    assert caption("sum", "loss", "root", LOOKS[-1]) == "loss"
    assert caption("sum", "", "root", LOOKS[-1]) == "sum"


@pytest.mark.parametrize(("shape", "text"), [((), "scalar"), ((3,), "[3]"), ((100, 1), "100×1")])
def test_shapes(shape: tuple[int, ...], text: str) -> None:
    assert shape_text(shape) == text


def test_details_stand_in_boxes_and_never_change_the_layout() -> None:
    drawing = draw(REGRESSION, 80, 60)
    text = "\n".join(paint_text(drawing.scene({}, NO_FLOW, {1: "2.9668", 9: "a value that is too long"})))
    assert "2.9668" in text
    assert "a value t" in text
    assert len({len(row.rstrip()) for row in text.splitlines() if "╔" in row or "╚" in row}) == 1


@pytest.mark.parametrize("width", [1, 10, 30, 80])
def test_the_legend_keeps_to_its_width(width: int) -> None:
    for look in LOOKS:
        for row in legend(width, look, frozenset({"module"}), True):
            assert sum(len(span.text) for span in row) <= max(width, len("‹x› constant"))


def test_a_neighbourhood_holds_the_nearest_nodes() -> None:
    graph = chain(100)
    inputs = {node.key: node.inputs for node in graph.nodes}
    assert neighbourhood(50, inputs, graph.consumers, 5) == {48, 49, 50, 51, 52}
    assert neighbourhood(1, inputs, graph.consumers, 3) == {1, 2, 3}
    assert len(neighbourhood(50, inputs, graph.consumers, 1000)) == 100


def test_a_large_graph_is_drawn_around_the_focus_with_what_is_left_out_marked() -> None:
    drawing = draw(chain(1000), 60, 20, focus=500)
    assert (drawing.shown, drawing.total) == (30, 1000)
    assert 500 in drawing.places
    rows = paint_text(drawing.scene({}, NO_FLOW))
    assert rows[0].strip() == rows[-1].strip() == "⋯"


def test_data_flows_to_the_nodes_that_are_left_out() -> None:
    drawing = draw(chain(1000), 60, 20, focus=500)
    first = min(drawing.places)
    rows = paint_text(drawing.scene({}, Flow(first, ((first, first - 1),))))
    assert rows[1].strip() == "▲"


def test_a_graph_that_fits_is_drawn_whole_however_many_nodes_it_has() -> None:
    assert draw(chain(60), 60, 200).shown == 60
    assert draw(chain(40), 10, 5).shown == 40


def test_the_next_steps_graph_is_drawn_around_the_same_place() -> None:
    drawing = draw(chain(1000), 60, 20, focus=500)
    assert counterpart(drawing, chain(1000)) == 500
    assert counterpart(drawing, chain(999)) is None
    assert counterpart(draw(REGRESSION, 60, 20), REGRESSION) is None


def test_an_empty_graph_has_an_empty_drawing() -> None:
    drawing = draw(graph_of(), 40, 10)
    assert paint_text(drawing.scene({}, NO_FLOW)) == []
    assert drawing.step(None, 1) is None


def test_the_choice_goes_from_the_top_down_and_stops_at_the_ends() -> None:
    drawing = draw(REGRESSION, 18, 12)
    assert [drawing.step(key, by) for key, by in ((None, 1), (1, 1), (2, 1), (1, -1), (9, 1), (9, -1))] == [
        1,
        2,
        3,
        1,
        9,
        8,
    ]


def test_beside_lines_stand_shapes_and_gradients_at_forks_where_they_touch_nothing() -> None:
    graph = graph_of(
        ("x", "leaf", (), "x", (4, 3)),
        ("exp", "op", (1,), "", (4, 3)),
        ("sin", "op", (1,), "", (4, 3)),
        ("mul", "root", (2, 3), "y", (4, 3)),
    )
    drawing = draw(graph, 40, 9)
    forward = drawing.scene({}, NO_FLOW)
    assert "\n".join(paint_text(forward)).count("4×3") == 2  # right of sin the drawing ends
    with_gradients = drawing.scene({}, NO_FLOW, None, None, lambda source, reader: f"∇{source}{reader}")
    text = "\n".join(paint_text(with_gradients))
    assert "∇12" in text
    assert "∇13" in text
    assert changed_rows(forward, with_gradients)


def test_where_some_nodes_are_captured_ops_say_whether_they_are_captured_or_new() -> None:
    marked = [replace(node, captured=node.key < 6, new=node.key > 6) for node in REGRESSION.nodes]
    graph = Graph(tuple(marked), {node.key: node for node in marked}, REGRESSION.consumers, 0, 0)
    text = text_of(graph, 60, 60)
    assert "↻ mul" in text
    assert "+ pow" in text
    assert "+ loss = sum" in text
    assert "↻ w" not in text
    assert "+" not in text_of(REGRESSION, 60, 60)


def test_with_names_alone_more_nodes_show_and_with_boxes_every_node_has_one() -> None:
    graph = chain(300)
    assert draw(graph, 40, 20, 150).shown < draw(graph, 40, 20, 150, "names").shown
    assert not draw(REGRESSION, 80, 60, None, "names").look.boxed
    assert draw(REGRESSION, 10, 10, None, "boxes").look.boxed
