"""Where everything in a picture of a graph stands, in pixels: `picture(nodes, edges)` for nodes with their texts."""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from unicodedata import east_asian_width

from msgspec import Struct

from gradb.drawing.layout import Structure, lay_out
from gradb.drawing.paths import Edge, Point, edge_paths
from gradb.drawing.routing import Spacing

CELL, ROW = 8, 16  # pixels of the layout's cells
ROWS = 4  # of a box: three lines of text with some air
CHARACTER = 7.3  # width of a character at the size of the text
_PADDING = 22
_RADIUS = 6
_SPACING = Spacing(1, 1, 2)


class Rectangle(Struct, frozen=True):
    """A node's box."""

    x: int
    y: int
    width: int
    height: int


class Line(Struct, frozen=True):
    """One reading of a node by another, as the data of an SVG path from the source's box to the target's."""

    source: int
    target: int
    path: str


class Picture(Struct, frozen=True):
    """`boxes` by node; `lines` in the order of their sources, so that those of one source come together."""

    width: int
    height: int
    boxes: tuple[Rectangle, ...]
    lines: tuple[Line, ...]


def picture(count: int, edges: Sequence[Edge], widths: Sequence[int]) -> Picture:
    """The picture of `count` nodes, which come after what they read. `widths` are of their texts, in characters."""
    inputs: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        inputs[target].append(source)
    cells = tuple(ceil((width * CHARACTER + _PADDING) / CELL) for width in widths)
    layout = lay_out(Structure(tuple(map(tuple, inputs)), cells, ROWS, _SPACING))
    return Picture(
        width=layout.width * CELL,
        height=layout.height * ROW,
        boxes=tuple(Rectangle(b.x * CELL, b.y * ROW, b.width * CELL, b.height * ROW) for b in layout.boxes),
        lines=tuple(
            Line(source, target, _path(points))
            for (source, target), paths in edge_paths(layout).items()
            for points in paths
        ),
    )


def columns(text: str) -> int:
    """How many characters wide a text is; those of Chinese, Japanese and Korean count as two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _path(points: Sequence[Point]) -> str:
    """A line with rounded corners, from the edge of a box to the edge of another."""
    at = [(x * CELL + CELL // 2, y * ROW + ROW // 2) for x, y in points]
    at[0] = at[0][0], points[0][1] * ROW
    at[-1] = at[-1][0], (points[-1][1] + 1) * ROW
    pieces = [f"M{at[0][0]} {at[0][1]}"]
    for (before, corner), (_, after) in pairwise(pairwise(at)):
        start, end = _toward(corner, before), _toward(corner, after)
        pieces.append(f"L{start[0]} {start[1]}Q{corner[0]} {corner[1]} {end[0]} {end[1]}")
    pieces.append(f"L{at[-1][0]} {at[-1][1]}")
    return "".join(pieces)


def _toward(corner: Point, other: Point) -> Point:
    """A little way from a corner along a line, at most half of it."""
    x, y = other[0] - corner[0], other[1] - corner[1]
    length = abs(x) + abs(y)
    by = min(_RADIUS, length // 2)
    return corner[0] + x * by // length, corner[1] + y * by // length
