"""The lines of a layout as cells: `Raster.row` gives the nodes and line cells of a row, `rows_of_edge` where to look.

A cell of a line has four arms. Where lines of different nodes cross, the vertical one passes over the horizontal one:
`─│─`. A cell with three or four arms (`├ ┬ ┼`) is always a fork of one node's line.
"""

from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from gradb.drawing.layout import Layout
from gradb.drawing.routing import Strand


class Wire(NamedTuple):
    """One cell of a line: what each arm carries, None where there is no arm; `crossed` where a line passes under."""

    up: Strand | None
    right: Strand | None
    down: Strand | None
    left: Strand | None
    crossed: bool = False


class Row(NamedTuple):
    """What one row shows: the nodes (each with all its columns), and line cells by column."""

    nodes: tuple[int, ...]
    wires: Mapping[int, Wire]


class Raster:
    """Rows are made when first asked for, then kept."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._tops = [band.top for band in layout.bands]
        self.row = lru_cache(maxsize=4096)(self._row)

    def rows_of_node(self, node: int) -> range:
        box = self.layout.boxes[node]
        return range(box.y, box.y + box.height)

    def rows_of_edge(self, source: int, target: int) -> range:
        """All rows between the two nodes: a line passes through each."""
        above = self.layout.boxes[source]
        return range(above.y + above.height, self.layout.boxes[target].y)

    def node_at(self, x: int, y: int) -> int | None:
        if not 0 <= y < self.layout.height:
            return None
        for node in self.row(y).nodes:
            box = self.layout.boxes[node]
            if box.x <= x < box.x + box.width:
                return node
        return None

    def _row(self, y: int) -> Row:
        band = self.layout.bands[bisect_right(self._tops, y) - 1]
        verticals: dict[int, Wire] = {}
        for x, top, bottom, strand in band.verticals:
            if top <= y <= bottom:
                wire = verticals.get(x, _NO_ARMS)
                verticals[x] = wire._replace(
                    up=strand if y > top else wire.up, down=strand if y < bottom else wire.down
                )
        wires: dict[int, Wire] = dict(verticals)
        for row, left, right, strand in band.horizontals:
            if row != y:
                continue
            for x in range(left, right + 1):
                wire = wires.get(x, _NO_ARMS)
                carried = wire.up or wire.down
                if carried is not None and carried.source != strand.source:
                    wires[x] = wire._replace(crossed=True)
                else:
                    wires[x] = wire._replace(
                        right=strand if x < right else wire.right, left=strand if x > left else wire.left
                    )
        return Row(band.nodes, dict(sorted(wires.items())))


_NO_ARMS = Wire(None, None, None, None)
