"""The order of the elements within each row, so that few lines cross: `order_rows` and `count_crossings`.

Barycentre sweeps and transposition after Gansner et al., "A Technique for Drawing Directed Graphs" (1993).
"""

import random
from bisect import bisect_right, insort
from collections.abc import Sequence

from gradb.drawing.layers import Layers

_SMALL = 200
_LARGE = 1500


def count_crossings(upper: Sequence[int], below: Sequence[Sequence[int]], position: Sequence[int]) -> int:
    """How many pairs of lines from one row (`upper`, in order) to the next cross; `position` is by element."""
    crossings = 0
    ends: list[int] = []
    for element in upper:
        targets = [position[target] for target in below[element]]
        if ends:
            count = len(ends)
            for target in targets:
                crossings += count - bisect_right(ends, target)
            for target in targets:
                insort(ends, target)
        else:
            ends = sorted(targets)
    return crossings


def order_rows(layers: Layers) -> list[list[int]]:
    """The rows of `layers`, ordered. The same layers always give the same order."""
    size = len(layers.source)
    attempts, rounds = (3, 6) if size <= _SMALL else (1, 4) if size <= _LARGE else (1, 2)
    shuffle = random.Random(size)
    best, fewest = layers.rows, _total(layers.rows, layers)
    for attempt in range(attempts):
        if fewest == 0:
            break
        start = [list(row) for row in layers.rows]
        if attempt == 1:
            start = [row[::-1] for row in start]
        elif attempt > 1:
            for row in start:
                shuffle.shuffle(row)
        rows, crossings = _improve(start, layers, rounds)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _total(rows: list[list[int]], layers: Layers) -> int:
    position = _positions(rows, len(layers.source))
    return sum(count_crossings(row, layers.below, position) for row in rows[:-1] if len(row) > 1)


def _positions(rows: list[list[int]], size: int) -> list[int]:
    position = [0] * size
    for row in rows:
        for index, element in enumerate(row):
            position[element] = index
    return position


def _improve(rows: list[list[int]], layers: Layers, rounds: int) -> tuple[list[list[int]], int]:
    position = _positions(rows, len(layers.source))
    best, fewest = rows, _total(rows, layers)
    idle = 0
    for _ in range(rounds):
        for row in rows[1:]:
            _sort(row, layers.above, position)
        for row in rows[-2::-1]:
            _sort(row, layers.below, position)
        for row in rows:
            _transpose(row, layers, position)
        crossings = _total(rows, layers)
        if crossings < fewest:
            best, fewest, idle = [list(row) for row in rows], crossings, 0
        else:
            idle += 1
        if fewest == 0 or idle == 2:
            break
    return best, fewest


def _sort(row: list[int], neighbours: list[list[int]], position: list[int]) -> None:
    if len(row) < 2:
        return
    centre: dict[int, float] = {}
    for element in row:
        near = neighbours[element]
        if len(near) > 1:
            centre[element] = sum([position[one] for one in near]) / len(near)
        else:
            centre[element] = position[near[0] if near else element]
    row.sort(key=centre.__getitem__)
    for index, element in enumerate(row):
        position[element] = index


def _transpose(row: list[int], layers: Layers, position: list[int]) -> None:
    """Swap neighbours while that removes crossings with the rows above and below."""
    if len(row) < 2:
        return
    sides = [
        ([position[one] for one in layers.above[element]], [position[one] for one in layers.below[element]])
        for element in row
    ]
    for _ in range(3):
        changed = False
        for index in range(len(row) - 1):
            left, right = sides[index], sides[index + 1]
            if _crossed(left[0], right[0]) + _crossed(left[1], right[1]) > 0:
                row[index], row[index + 1] = row[index + 1], row[index]
                sides[index], sides[index + 1] = right, left
                changed = True
        if not changed:
            break
    for index, element in enumerate(row):
        position[element] = index


def _crossed(left: Sequence[int], right: Sequence[int]) -> int:
    """How many fewer lines cross where neighbours with these ends are swapped."""
    gain = 0
    for a in left:
        for b in right:
            if a > b:
                gain += 1
            elif a < b:
                gain -= 1
    return gain
