"""Texts beside the lines of a drawing, where there is room: `Room(raster)` finds it, `labelled` puts them there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from rich.cells import cell_len

from gradb_tui.graph.raster import Raster

Labels: TypeAlias = Mapping[int, Mapping[int, str]]  # by row, by column


class Label(NamedTuple):
    """A text that belongs beside the line in a column of a row."""

    row: int
    column: int
    text: str


def below(raster: Raster, source: int, text: str) -> Label:
    """A label where a node's line begins."""
    box = raster.layout.boxes[source]
    return Label(box.y + box.height, raster.layout.anchors[source], text)


def above(raster: Raster, source: int, target: int, text: str) -> Label:
    """A label where the line of a source arrives at a target; at the last of several."""
    return Label(raster.layout.boxes[target].y - 1, raster.layout.ports[source, target][-1], text)


def placed(raster: Raster, labels: Iterable[Sequence[Label]]) -> Labels:
    """The labels that do not touch a line, a node or another label, right of their line or else left of it.

    Of several places for one the first is taken that has room; what comes first goes first.
    """
    found: dict[int, dict[int, str]] = {}
    for places in labels:
        for row, column, text in places:
            there = found.get(row, {})
            starts = (column + 2, column - 1 - cell_len(text))  # with an empty cell between
            start = next((x for x in starts if _has_room(raster, row, x, text, there)), None)
            if start is not None:
                found.setdefault(row, {})[start] = text
                break
    return found


def _has_room(raster: Raster, row: int, start: int, text: str, taken: Mapping[int, str]) -> bool:
    first, last = start - 1, start + cell_len(text)  # an empty cell on both sides
    if start < 0 or row >= raster.layout.height or last > raster.layout.width:
        return False
    there = raster.row(row)
    if there.nodes or not there.wires.keys().isdisjoint(range(start, last + 1)):
        return False
    return not any(x <= last and first <= x + cell_len(other) for x, other in taken.items())
