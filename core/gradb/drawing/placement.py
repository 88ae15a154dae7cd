"""The column of each element: `place`. Its lines leave it at its *anchor*, the column in its middle.

Each row in turn is put as close as it can be to the columns that its neighbours ask for (least squares under the
distances between elements, by pooling adjacent violators); then columns become whole and lines are straightened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from gradb.drawing.layers import Layers

_SWEEPS = 4
_FEWER_SWEEPS = 2
_LARGE = 1500
# How much a line insists on being straight: one that runs on most, one from a leaf least, so that chains stay upright
# and leaves stand beside them.
_BEND, _OP, _LEAF = 6.0, 1.0, 0.1


@dataclass(frozen=True, slots=True)
class Extent:
    """How far an element reaches to the left and to the right of its anchor, and with its mark and a blank."""

    left: int
    right: int
    with_gap: int


def extent_of(width: int) -> Extent:
    """Of a node `width` columns wide: its state's mark stands in the column to its right, then comes a blank."""
    left = (width - 1) // 2
    return Extent(left, width - 1 - left, width - 1 - left + 2)


BEND = Extent(0, 0, 1)


def place(layers: Layers, rows: Sequence[Sequence[int]], extents: Sequence[Extent]) -> list[int]:
    """The anchor of each element; the leftmost column in use is 0."""
    if not rows:
        return []
    size = len(layers.source)
    offsets = [_offsets(row, extents) for row in rows]
    ideal = [0.0] * size
    for row, offset in zip(rows, offsets, strict=True):
        for element, start in zip(row, offset, strict=True):
            ideal[element] = start - offset[-1] / 2
    firmness = [_firmness(layers, element) for element in range(size)]
    down, up = range(1, len(rows)), range(len(rows) - 2, -1, -1)
    for _ in range(_SWEEPS if size < _LARGE else _FEWER_SWEEPS):
        for sweep, sides in ((down, (layers.above,)), (up, (layers.below,))):
            for index in sweep:
                _settle(rows[index], offsets[index], sides, ideal, firmness)
    for index in range(len(rows)):
        _settle(rows[index], offsets[index], (layers.above, layers.below), ideal, firmness)
    anchors = [0] * size
    for row, offset in zip(rows, offsets, strict=True):
        shift = 0
        for element, start in zip(row, offset, strict=True):
            shift = max(round(ideal[element]) - start, shift) if element != row[0] else round(ideal[element]) - start
            anchors[element] = start + shift
    straighten(layers, rows, extents, anchors)
    leftmost = min(anchors[row[0]] - extents[row[0]].left for row in rows)
    return [anchor - leftmost for anchor in anchors]


def _firmness(layers: Layers, element: int) -> float:
    if element >= layers.node_count:
        return _BEND
    return _OP if layers.above[element] or len(layers.below[element]) > 1 else _LEAF


def distance(left: Extent, right: Extent) -> int:
    """The least distance between the anchors of neighbours."""
    return left.with_gap + right.left + 1


def _offsets(row: Sequence[int], extents: Sequence[Extent]) -> list[int]:
    """The anchors of a row packed as tight as it goes."""
    offsets = [0]
    for left, right in pairwise(row):
        offsets.append(offsets[-1] + distance(extents[left], extents[right]))
    return offsets


def _settle(
    row: Sequence[int],
    offsets: Sequence[int],
    sides: tuple[list[list[int]], ...],
    ideal: list[float],
    firmness: Sequence[float],
) -> None:
    """Move a row's elements to the mean of their neighbours on the given sides, in order and apart."""
    blocks: list[list[float]] = []  # [sum of weight x place, sum of weight, elements], a block moves as one
    for element, offset in zip(row, offsets, strict=True):
        total = weight = 0.0
        for side in sides:
            for near in side[element]:
                share = min(firmness[element], firmness[near])
                total += ideal[near] * share
                weight += share
        if weight:
            wanted = total / weight
        else:
            wanted, weight = ideal[element], 0.05
        block = [(wanted - offset) * weight, weight, 1]
        while blocks and blocks[-1][0] * block[1] >= block[0] * blocks[-1][1]:
            before = blocks.pop()
            block = [before[0] + block[0], before[1] + block[1], before[2] + block[2]]
        blocks.append(block)
    index = 0
    for total, weight, elements in blocks:
        for _ in range(int(elements)):
            ideal[row[index]] = total / weight + offsets[index]
            index += 1


def straighten(
    layers: Layers, rows: Sequence[Sequence[int]], extents: Sequence[Extent], anchors: list[int], passes: int = 2
) -> None:
    """Move elements between their neighbours in the row, in place, where that takes corners out of lines."""
    for _ in range(passes):
        for ordered, first in ((rows, layers.above), (rows[::-1], layers.below)):
            for row in ordered:
                for index, element in enumerate(row):
                    low = high = None
                    if index:
                        low = anchors[row[index - 1]] + distance(extents[row[index - 1]], extents[element])
                    if index + 1 < len(row):
                        high = anchors[row[index + 1]] - distance(extents[element], extents[row[index + 1]])
                    if low is not None and low == high:
                        continue
                    _move(element, low, high, layers, extents, anchors, first)


def _move(
    element: int,
    low: int | None,
    high: int | None,
    layers: Layers,
    extents: Sequence[Extent],
    anchors: list[int],
    first: list[list[int]],
) -> None:
    here = anchors[element]
    wishes = {here}
    for near in layers.above[element] + layers.below[element]:
        wish = anchors[near]
        if low is not None and wish < low:
            wish = low
        if high is not None and wish > high:
            wish = high
        wishes.add(wish)
    if len(wishes) == 1:
        return
    own = extents[element]

    def cost(column: int) -> tuple[float, int]:
        total = 0.0
        for near in layers.above[element]:
            away = anchors[near] - column
            bent = not -own.left <= away <= own.right
            total += bent + 0.02 * abs(away) + (0.01 if bent and first is layers.above else 0)
        for near in layers.below[element]:
            away = column - anchors[near]
            bent = not -extents[near].left <= away <= extents[near].right
            total += bent + 0.02 * abs(away) + (0.01 if bent and first is layers.below else 0)
        return total, abs(column - here)

    anchors[element] = min(sorted(wishes), key=cost)
