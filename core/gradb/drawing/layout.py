"""Where everything in a drawing of a graph stands, in whole cells: `lay_out` makes a `Layout` of a `Structure`.

Top-down: inputs above, results below. Every connected line is one node's value on its way to all that read it: lines
of different nodes never join. Equal structures share one layout, so the next training step costs nothing.
"""

from dataclasses import dataclass
from functools import lru_cache

from gradb.drawing.layers import Layers, build_layers
from gradb.drawing.ordering import order_rows
from gradb.drawing.placement import BEND, extent_of, place
from gradb.drawing.ranks import Inputs
from gradb.drawing.routing import Band, Ports, Spacing, route


@dataclass(frozen=True, slots=True)
class Structure:
    """All that a layout depends on. Nodes are numbers from 0; a node reads only nodes before it.

    `widths` are in cells; a node is made wider where it has more inputs than its width lets in. `height` is that of
    every node, in rows.
    """

    inputs: Inputs
    widths: tuple[int, ...]
    height: int
    spacing: Spacing


@dataclass(frozen=True, slots=True)
class Box:
    """Where a node stands; the mark of its state stands in the column right of it."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Layout:
    """`bands` from the top; `boxes` by node; `anchors` the column in which a node's lines leave it."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    anchors: tuple[int, ...]
    ports: Ports
    bands: tuple[Band, ...]


@lru_cache(maxsize=64)
def lay_out(structure: Structure) -> Layout:
    """The same structure always gives the same layout."""
    inputs, height = structure.inputs, structure.height
    layers, rows = _order(inputs)
    widths = [max(width, 2 * len(own) - 1) for width, own in zip(structure.widths, inputs, strict=True)]
    extents = [extent_of(width) for width in widths]
    extents += [BEND] * (len(layers.source) - len(inputs))
    anchors = place(layers, rows, extents)
    bands, ports = route(layers, rows, anchors, extents, inputs, height, structure.spacing)
    tops = {node: band.top for band in bands for node in band.nodes}
    boxes = tuple(
        Box(anchors[node] - extents[node].left, tops[node], widths[node], height) for node in range(len(inputs))
    )
    right = max((anchor + extent.with_gap for anchor, extent in zip(anchors, extents, strict=True)), default=0)
    right = max((line.right + 1 for band in bands for line in band.horizontals), default=right)
    width = max(right, max((box.x + box.width + 1 for box in boxes), default=0))
    return Layout(width, bands[-1].bottom if bands else 0, boxes, tuple(anchors[: len(inputs)]), ports, tuple(bands))


def least_size(structure: Structure) -> tuple[int, int]:
    """The width and height that a layout has at least, without making it: the widest row, and channels of one line."""
    _, rows = _order(structure.inputs)
    nodes = range(len(structure.inputs))
    width = max((sum(structure.widths[node] + 2 for node in row if node in nodes) - 1 for row in rows), default=0)
    return width, len(rows) * structure.height + max(0, len(rows) - 1) * structure.spacing.least


@lru_cache(maxsize=32)
def _order(inputs: Inputs) -> tuple[Layers, list[list[int]]]:
    layers = build_layers(inputs)
    return layers, order_rows(layers)
