"""All writes of a value or a gradient: a sparkline over them, and a table in which Enter goes to one."""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from gradb.trace.events import Array
from gradb.trace.numbers import brief, element_of

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.tensor_element import fitted, named_rows
from gradb_tui.panes.wrap import shorten

BARS = "▁▂▃▄▅▆▇█"
SMALL = 4096  # elements; of a larger array one element is shown, as norms would take too long


def summary(array: Array | None, moment: Moment) -> float:
    """One number for an array: the chosen element of it, or else its norm."""
    if array is None or not array.size:
        return float("nan")
    if moment.element is not None or array.size == 1 or array.size > SMALL:
        return float(array[fitted(moment.element, array.shape)])
    values = array.astype(np.float64).ravel()
    return float(np.sqrt(np.vdot(values, values)))


def what_is_shown(array: Array | None, moment: Moment) -> str:
    """What `summary` takes of an array."""
    if array is None or array.size == 1:
        return "value"
    if moment.element is not None or array.size > SMALL:
        return f"[{', '.join(map(str, fitted(moment.element, array.shape)))}]"
    return "norm"


def sparkline(values: Sequence[float | None], width: int) -> str:
    """One bar for each value, the lowest at the bottom; `!` for what is not finite, a blank where there is none."""
    finite = [value for value in values if value is not None and np.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    scale = (len(BARS) - 1) / (high - low) if high > low else 0.0

    def bar(value: float | None) -> str:
        if value is None:
            return " "
        return BARS[round((value - low) * scale)] if np.isfinite(value) else "!"

    return "".join(map(bar, values))[:width]


def _figure(moment: Moment, number: int) -> float | None:
    """What a write left, in one number; None where it left nothing, as `zero_grad` does."""
    array = moment.array_at(number)
    return None if array is None else summary(array, moment)


class History:
    """`choice` is the place among the writes that the keys have gone to, None while it follows the cursor."""

    def __init__(self) -> None:
        self.choice: int | None = None
        self._at: tuple[int, object] = (0, None)
        self._line: tuple[object, list[float | None]] = (None, [])

    def rows(self, moment: Moment, width: int, height: int) -> list[Row]:
        """The sparkline, then the writes around the choice."""
        writes = moment.writes
        if self._at != (moment.at, moment.tensor):
            self._at, self.choice = (moment.at, moment.tensor), None
        rows = named_rows(moment, moment.array_at(moment.at), width)
        if not writes:
            return [*rows, row(("It is never written while this run records.", "dim"))]
        now = bisect_right(writes, moment.at) - 1
        rows += self._spark(moment, writes, now, width)
        place = now if self.choice is None else self.choice
        room = max(1, height - len(rows))
        first = max(0, min(place - room // 2, len(writes) - room))
        for i in range(first, min(first + room, len(writes))):
            rows.append(self._write(moment, writes[i], width, now=i == now, chosen=i == self.choice))
        return rows

    def choose(self, moment: Moment, by: int) -> None:
        """Goes to another write."""
        writes = moment.writes
        if writes:
            start = bisect_right(writes, moment.at) - 1 if self.choice is None else self.choice
            self.choice = max(0, min(start + by, len(writes) - 1))

    def _spark(self, moment: Moment, writes: Sequence[int], now: int, width: int) -> list[Row]:
        bars = min(width, len(writes))
        places = [i * (len(writes) - 1) // max(1, bars - 1) for i in range(bars)]
        key = (moment.trace, moment.tensor_name or moment.tensor, moment.facet, moment.element, len(writes), width)
        if self._line[0] != key:
            self._line = key, [_figure(moment, writes[i]) for i in places]
        values = self._line[1]
        text = sparkline(values, width)
        here = bisect_right(places, now) - 1
        finite = [value for value in values if value is not None and np.isfinite(value)]
        span = f"{min(finite):.4g} to {max(finite):.4g}" if finite else "nothing finite"
        about = f"{what_is_shown(moment.array_at(writes[-1]), moment)} over {len(writes)} writes: {span}"
        line = row(text[: max(here, 0)], (text[here] if here >= 0 else "", "now"), (text[here + 1 :], "ahead"))
        return [row((shorten(about, width), "dim")), line]

    def _write(self, moment: Moment, number: int, width: int, *, now: bool, chosen: bool) -> Row:
        trace = moment.trace
        array = moment.array_at(number)
        mark = "▶" if now else ">" if chosen else " "
        place = f"{mark} {trace.address(number):<18} line {trace.events[number - 1].line:<4} "
        big = array is not None and array.size > SMALL
        value = element_of(array, fitted(moment.element, array.shape)) if array is not None and big else brief(array)
        text = shorten(f"{what_is_shown(array, moment)} {value}" if big else value, max(1, width - len(place)))
        role = "line" if now else "chosen" if chosen else "plain"
        return row((place[:1], "now" if now else "key"), (place[1:], "dim"), (text, "value"), role=role)
