"""The paths of edges: they go from box to box, along lines that the layout drew, and no line is left over."""

from itertools import pairwise

from gradb.drawing.layout import Layout, Structure, lay_out
from gradb.drawing.paths import Point, edge_paths
from gradb.drawing.routing import Spacing
from hypothesis import given, settings
from structures import structures

LOOKS = [(4, Spacing(1, 1, 2))]


def cells_of(path: list[Point]) -> set[Point]:
    found: set[Point] = set()
    for (x, y), (to_x, to_y) in pairwise(path):
        assert x == to_x or y == to_y, "a line goes aslant"
        found |= {(a, b) for a in range(min(x, to_x), max(x, to_x) + 1) for b in range(min(y, to_y), max(y, to_y) + 1)}
    return found


def cells_drawn(layout: Layout, source: int) -> set[Point]:
    """The cells of all lines that carry a node's value, without those inside boxes."""
    found: set[Point] = set()
    for band in layout.bands:
        for x, top, bottom, strand in band.verticals:
            if strand.source == source:
                found |= {(x, y) for y in range(max(top, band.top), min(bottom, band.bottom - 1) + 1)}
        for y, left, right, strand in band.horizontals:
            if strand.source == source:
                found |= {(x, y) for x in range(left, right + 1)}
    return found


@settings(deadline=None)
@given(structures(LOOKS))
def test_each_edge_goes_from_the_box_of_its_source_to_that_of_its_target(structure: Structure) -> None:
    layout = lay_out(structure)
    paths = edge_paths(layout)
    assert set(paths) == {(i, node) for node, inputs in enumerate(structure.inputs) for i in inputs}
    for (source, target), found in paths.items():
        assert len(found) == structure.inputs[target].count(source)
        for path in found:
            above, below = layout.boxes[source], layout.boxes[target]
            assert path[0] == (layout.anchors[source], above.y + above.height)
            assert path[-1][1] == below.y - 1
            assert below.x <= path[-1][0] < below.x + below.width


@settings(deadline=None)
@given(structures(LOOKS))
def test_the_paths_of_a_node_go_along_all_its_lines_and_no_others(structure: Structure) -> None:
    layout = lay_out(structure)
    gone: dict[int, set[Point]] = {}
    for (source, _), found in edge_paths(layout).items():
        for path in found:
            gone.setdefault(source, set()).update(cells_of(path))
    for source, cells in gone.items():
        assert cells == cells_drawn(layout, source)
