"""The layout of any graph: nodes apart, and lines that a reader can follow from each node to all that read it."""

import unicodedata
from collections import Counter

import pytest
from gradb.drawing.layers import build_layers
from gradb.drawing.layout import Box, Layout, Structure, lay_out, least_size
from gradb.drawing.ordering import count_crossings, order_rows
from gradb.drawing.ranks import assign_ranks, consumers_of
from gradb.drawing.routing import Spacing
from gradb.drawing.tracks import Net, assign_tracks
from gradb_tui.graph.captions import Face, Look
from gradb_tui.graph.paint import Scene, paint_text
from gradb_tui.graph.raster import Raster
from hypothesis import given, settings
from structures import structures

TIGHT, ROOMY = Spacing(0, 0, 1), Spacing(1, 1, 2)
LOOKS = [(1, TIGHT), (1, ROOMY), (4, TIGHT)]
STEPS = {"UP": (0, -1), "DOWN": (0, 1), "LEFT": (-1, 0), "RIGHT": (1, 0)}
BACK = {"UP": "DOWN", "DOWN": "UP", "LEFT": "RIGHT", "RIGHT": "LEFT"}


def drawn(layout: Layout) -> list[str]:
    """The rows of a layout with every node painted as a block."""
    look = Look(boxed=False, named=False, spacing=TIGHT)
    faces = tuple(Face("", "", "op") for _ in layout.boxes)
    rows = [row.ljust(layout.width) for row in paint_text(Scene(Raster(layout), look, faces, {}))]
    for box in layout.boxes:
        for y in range(box.y, box.y + box.height):
            rows[y] = rows[y][: box.x] + "█" * box.width + rows[y][box.x + box.width :]
    return rows


def arms(glyph: str) -> set[str]:
    if not "\u2500" <= glyph <= "\u257f":
        return set()
    words = set(unicodedata.name(glyph).split())
    found = words & set(STEPS)
    found |= {"UP", "DOWN"} if "VERTICAL" in words else set()
    return found | ({"LEFT", "RIGHT"} if "HORIZONTAL" in words else set())


def follow(rows: list[str], layout: Layout, source: int) -> tuple[list[int], set[tuple[int, int]]]:
    """Goes along the line that leaves a node as an eye does: the nodes it comes to, the cells it goes through."""
    box = layout.boxes[source]
    start = (layout.anchors[source], box.y + box.height)
    cells = {start}
    waiting = [start]
    ends: list[int] = []
    while waiting:
        x, y = waiting.pop()
        assert arms(rows[y][x]), f"no line at {x}, {y}"
        for direction in arms(rows[y][x]):
            right, down = STEPS[direction]
            to_x, to_y = x + right, y + down
            while right and arms(rows[to_y][to_x]) == {"UP", "DOWN"}:
                to_x += right  # it passes under a vertical line
            if rows[to_y][to_x] == "█":
                node = next(i for i, one in enumerate(layout.boxes) if inside(one, to_x, to_y))
                if direction == "DOWN":
                    ends.append(node)
                else:
                    assert (node, direction) == (source, "UP")
                continue
            assert BACK[direction] in arms(rows[to_y][to_x]), f"the line breaks off at {to_x}, {to_y}"
            if (to_x, to_y) not in cells:
                cells.add((to_x, to_y))
                waiting.append((to_x, to_y))
    return ends, cells


def inside(box: Box, x: int, y: int) -> bool:
    return box.x <= x < box.x + box.width and box.y <= y < box.y + box.height


@settings(deadline=None)
@given(structures(LOOKS))
def test_no_two_nodes_overlap_and_each_has_room_for_its_mark(structure: Structure) -> None:
    layout = lay_out(structure)
    taken: set[tuple[int, int]] = set()
    for box in layout.boxes:
        cells = {(x, y) for x in range(box.x, box.x + box.width + 1) for y in range(box.y, box.y + box.height)}
        assert not cells & taken
        assert all(0 <= x < layout.width and 0 <= y < layout.height for x, y in cells)
        taken |= cells


@settings(deadline=None)
@given(structures(LOOKS))
def test_every_line_leads_from_a_node_to_all_that_read_it_and_to_no_other(structure: Structure) -> None:
    layout = lay_out(structure)
    rows = drawn(layout)
    wanted = [Counter[int]() for _ in structure.inputs]
    for node, sources in enumerate(structure.inputs):
        for source in sources:
            wanted[source][node] += 1
    seen: set[tuple[int, int]] = set()
    for source in range(len(structure.inputs)):
        if not wanted[source]:
            continue
        ends, cells = follow(rows, layout, source)
        assert Counter(ends) == wanted[source]
        assert not cells & seen, "two nodes share a line"
        seen |= cells
    lines = {(x, y) for y, row in enumerate(rows) for x, glyph in enumerate(row) if arms(glyph)}
    assert lines == seen


@settings(deadline=None)
@given(structures(LOOKS))
def test_lines_cross_only_where_a_vertical_one_passes_over_a_horizontal_one(structure: Structure) -> None:
    raster = Raster(lay_out(structure))
    for y in range(raster.layout.height):
        for x, wire in raster.row(y).wires.items():
            sources = {arm.source for arm in wire[:4] if arm is not None}
            assert len(sources) == 1
            if wire.crossed:
                assert (wire.right, wire.left) == (None, None)
                assert None not in (wire.up, wire.down)
                assert not any(inside(box, x, y) for box in raster.layout.boxes)


@settings(deadline=None, max_examples=30)
@given(structures(LOOKS))
def test_the_same_structure_gives_the_same_layout_again(structure: Structure) -> None:
    first = lay_out(structure)
    assert lay_out(Structure(*vars_of(structure))) is first
    lay_out.cache_clear()
    assert lay_out(structure) == first


def vars_of(structure: Structure) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...], int, Spacing]:
    return structure.inputs, structure.widths, structure.height, structure.spacing


@settings(deadline=None, max_examples=30)
@given(structures(LOOKS))
def test_the_least_size_is_never_more_than_the_layout_takes(structure: Structure) -> None:
    width, height = least_size(structure)
    layout = lay_out(structure)
    assert width <= layout.width
    assert height <= layout.height


@settings(deadline=None, max_examples=30)
@given(structures(LOOKS))
def test_inputs_stand_above_what_reads_them(structure: Structure) -> None:
    layout = lay_out(structure)
    for node, sources in enumerate(structure.inputs):
        for source in sources:
            assert layout.boxes[source].y + layout.boxes[source].height < layout.boxes[node].y


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_graph_without_edges_is_one_row(count: int) -> None:
    layout = lay_out(Structure(((),) * count, (5,) * count, 1, TIGHT))
    assert layout.height == min(count, 1)
    assert len(layout.boxes) == count


def test_a_leaf_stands_right_above_its_first_consumer() -> None:
    inputs = ((), (0,), (1,), (), (2, 3), (4, 3))
    assert assign_ranks(inputs, consumers_of(inputs)) == [0, 1, 2, 2, 3, 4]


def test_ops_that_only_one_op_reads_move_down_to_it_with_their_leaves() -> None:
    inputs = ((), (0,), (1,), (), (3,), (2, 4))
    assert assign_ranks(inputs, consumers_of(inputs)) == [0, 1, 2, 1, 2, 3]


def test_long_edges_of_one_node_share_their_bends() -> None:
    layers = build_layers(((), (0,), (1,), (2, 0), (3, 0)))
    bends = [element for element in range(layers.node_count, len(layers.source)) if layers.source[element] == 0]
    assert len(bends) == 3
    assert layers.reaches[bends[0]] == {3, 4}
    assert layers.reaches[bends[-1]] == {4}


def test_a_tree_is_drawn_without_a_crossing() -> None:
    inputs = ((), (), (0, 1), (), (), (3, 4), (5, 2), (), (6, 7))
    layers = build_layers(inputs)
    rows = order_rows(layers)
    position = {element: place for row in rows for place, element in enumerate(row)}
    places = [position[element] for element in range(len(layers.source))]
    assert sum(count_crossings(row, layers.below, places) for row in rows) == 0


def test_crossings_are_counted_by_pairs_of_lines() -> None:
    assert count_crossings([0, 1], [[2, 3], [2, 3]], [0, 1, 0, 1]) == 1
    assert count_crossings([0, 1, 2], [[5], [4], [3]], [0, 1, 2, 0, 1, 2]) == 3


def test_two_lines_that_swap_columns_are_led_around_each_other() -> None:
    swap = [Net(0, 4, ((8, frozenset({2})),)), Net(1, 8, ((4, frozenset({3})),))]
    tracks = assign_tracks(swap, {4, 8})
    assert [net.source for net in tracks.nets] in ([0, 1, 0], [1, 0, 1])
    assert tracks.count == 3
    assert tracks.nets[2].after == 0


def test_a_node_read_twice_by_one_op_sends_it_two_lines() -> None:
    layout = lay_out(Structure(((), (0, 0)), (3, 5), 1, TIGHT))
    assert len(layout.ports[0, 1]) == 2
    assert follow(drawn(layout), layout, 0)[0] == [1, 1]


def test_a_node_is_widened_for_many_inputs() -> None:
    layout = lay_out(Structure((*((),) * 9, tuple(range(9))), (3,) * 10, 1, TIGHT))
    assert layout.boxes[9].width == 17


def test_a_thousand_nodes_are_laid_out() -> None:
    inputs = ((), *((max(0, node - 1), max(0, node - 1 - node % 7)) for node in range(1, 1000)))
    layout = lay_out(Structure(inputs, (5,) * 1000, 1, TIGHT))
    assert len(layout.boxes) == 1000
