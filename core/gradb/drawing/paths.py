"""The way of each edge through a layout, corner by corner: `edge_paths(layout)`."""

from typing import TypeAlias

from gradb.drawing.layout import Layout
from gradb.drawing.routing import Band

Point: TypeAlias = tuple[int, int]  # column and row of a cell; a line runs through the middles of cells
Edge: TypeAlias = tuple[int, int]  # a node and one that reads it


def edge_paths(layout: Layout) -> dict[Edge, list[list[Point]]]:
    """Of each edge one path for each time that the target reads the source, from the row below the source's box to the
    row above the target's. Paths of one source run together until they part.
    """
    place = {node: number for number, band in enumerate(layout.bands) for node in band.nodes}
    return {
        (source, target): [_path(layout, source, target, port, place) for port in ports]
        for (source, target), ports in sorted(layout.ports.items())
    }


def _path(layout: Layout, source: int, target: int, port: int, place: dict[int, int]) -> list[Point]:
    box = layout.boxes[source]
    x = layout.anchors[source]
    points = [(x, box.y + box.height)]
    for number in range(place[source] + 1, place[target], 2):
        below = layout.bands[number + 1]
        to = port if number + 1 == place[target] else _bend(below, source, target)
        ways = _sideways(layout.bands[number], source, target)
        for y, (left, right) in ways[:-1]:  # to the column from which the line goes on
            aside = right if x == left else left
            points += [(x, y), (aside, y)]
            x = aside
        if ways and x != to:
            y = ways[-1][0]
            points += [(x, y), (to, y)]
            x = to
    points.append((x, layout.boxes[target].y - 1))
    return points


def _bend(band: Band, source: int, target: int) -> int:
    """The column in which an edge passes a row of nodes."""
    return next(line.x for line in band.verticals if line.strand.source == source and target in line.strand.targets)


def _sideways(band: Band, source: int, target: int) -> list[tuple[int, tuple[int, int]]]:
    """The rows of a channel in which an edge goes sideways, from the top, and between which columns."""
    found: dict[int, tuple[int, int]] = {}
    for y, left, right, strand in band.horizontals:
        if strand.source == source and target in strand.targets:
            before = found.get(y, (left, right))
            found[y] = min(before[0], left), max(before[1], right)
    return sorted(found.items())
