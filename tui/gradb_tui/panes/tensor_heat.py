"""A plane of an array in colours: `HeatMap.rows`. Blue is below zero, orange above; without colours, shades of |x|."""

import numpy as np
from gradb.trace.events import Array
from gradb.trace.numbers import Element, number

from gradb_tui.panes.heat import BROKEN, STEPS, heat_role
from gradb_tui.panes.rows import Row, Span, row
from gradb_tui.panes.tensor_element import place_of, plane_of

SHADES = " ·░▒▓█"
LARGEST = 6  # columns that an element of a small plane takes


class HeatMap:
    """Draws planes; keeps the last one, as the cursor moves more often than the values change."""

    def __init__(self) -> None:
        self._of: tuple[Array, tuple[int, ...], int, int] | None = None
        self._levels: Array = np.zeros((0, 0), np.int8)
        self._most = 0.0

    def rows(self, array: Array, element: Element, width: int, height: int, *, colours: bool) -> list[Row]:
        """The whole plane in this space, with the element marked; a cell stands for several where there are more."""
        plane = plane_of(array, element)
        lines = max(1, height - 1)
        down, across = steps_of(plane.shape, max(1, width), lines * (2 if colours else 1))
        key = (array, element[:-2], down, across)
        if self._of is None or self._of[0] is not array or self._of[1:] != key[1:]:
            self._of = key
            self._levels, self._most = levels_of(plane, down, across)
        place = place_of(element)
        each = min(LARGEST, width // self._levels.shape[1], lines * (2 if colours else 1) // self._levels.shape[0])
        high, wide = (max(1, each), max(1, each)) if colours else (max(1, each // 2), max(1, each))
        cursor = place[0] // down * high + high // 2, place[1] // across * wide + wide // 2
        shown = self._levels.repeat(high, axis=0).repeat(wide, axis=1)
        rows = _coloured(shown, cursor) if colours else _shaded(shown, cursor)
        return [*rows[:lines], self._legend(plane.shape, down, across, colours=colours)]

    def _legend(self, shape: tuple[int, ...], down: int, across: int, *, colours: bool) -> Row:
        each = f"  a cell is the largest of {down}×{across}" if down * across > 1 else ""
        most = number(self._most)
        if not colours:
            return row(("|x| 0 ", "dim"), SHADES[1:], (f" {most}  ! NaN or Inf{each}", "dim"))
        ramp: list[Span] = [("▀", heat_role(level, level)) for level in range(-STEPS, STEPS + 1, 4)]
        broken = ("▀", heat_role(BROKEN, BROKEN))
        return row((f"-{most} ", "dim"), *ramp, (f" {most}  ", "dim"), broken, (f" NaN, Inf{each}", "dim"))


def _coloured(levels: Array, cursor: tuple[int, int]) -> list[Row]:
    rows: list[Row] = []
    for top in range(0, levels.shape[0], 2):
        spans: list[Span] = []
        for column in range(levels.shape[1]):
            upper = int(levels[top, column])
            lower = int(levels[top + 1, column]) if top + 1 < levels.shape[0] else None
            role = heat_role(upper, lower)
            if (top, column) == cursor or (top + 1, column) == cursor:
                spans.append(("╋", "now"))
            elif spans and spans[-1][1] == role:
                spans[-1] = (spans[-1][0] + "▀", role)
            else:
                spans.append(("▀", role))
        rows.append(row(*spans))
    return rows


def _shaded(levels: Array, cursor: tuple[int, int]) -> list[Row]:
    rows: list[Row] = []
    for i, line in enumerate(levels):
        text = "".join(_shade(abs(int(level))) for level in line)
        if i == cursor[0]:
            place = cursor[1]
            rows.append(row(text[:place], ("╋", "now"), text[place + 1 :]))
        else:
            rows.append(row(text))
    return rows


def _shade(level: int) -> str:
    return "!" if level == BROKEN else SHADES[-(-level * (len(SHADES) - 1) // STEPS)]


def steps_of(shape: tuple[int, ...], width: int, height: int) -> tuple[int, int]:
    """How many rows and columns of the plane one cell stands for."""
    return max(1, -(-shape[0] // height)), max(1, -(-shape[1] // width))


def levels_of(plane: Array, down: int, across: int) -> tuple[Array, float]:
    """Of each block the level of its largest element: -16 to 16 of the largest in the plane, 17 for NaN and Inf."""
    values = np.asarray(plane, np.float64)
    broken = ~np.isfinite(values)
    clean = np.where(broken, 0.0, values) if broken.any() else values
    highest, lowest = _blocks(clean, down, across, np.maximum), _blocks(clean, down, across, np.minimum)
    largest = np.where(highest >= -lowest, highest, lowest)
    most = float(np.abs(largest).max(initial=0.0))
    levels = np.rint(largest / (most or 1.0) * STEPS).astype(np.int8)
    if broken.any():
        levels[_blocks(broken, down, across, np.logical_or)] = BROKEN
    return levels, most


def _blocks(values: Array, down: int, across: int, best: np.ufunc) -> Array:
    if down > 1:
        values = best.reduceat(values, np.arange(0, values.shape[0], down), axis=0)
    return best.reduceat(values, np.arange(0, values.shape[1], across), axis=1) if across > 1 else values
