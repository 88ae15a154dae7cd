"""The numbers along a chart's axes: `Ticks(room)` and, for the logarithms of what is meant, `LogTicks(room)`."""

import math
from collections.abc import Sequence

from textual_plot.axis_formatter import AxisFormatter

STEPS = (1.0, 2.0, 5.0, 10.0)
LEAST = 1e-300  # a span that can still be divided


class Ticks(AxisFormatter):
    """Round numbers, as many as there is room for. Any range will do, an empty one and one that is not finite too.

    `cells` are those of an axis that its numbers stand along, so that none touches the next; `whole` is for what is
    counted, such as steps.
    """

    def __init__(self, most: int = 5, *, cells: int = 0, whole: bool = False) -> None:
        self.most = max(1, most)
        self.cells = cells
        self.whole = whole

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        span = max_ - min_
        if not LEAST < span < math.inf:
            return []
        for most in range(self.most, 0, -1):
            ticks, interval = self._ticks(min_, max_, most)
            if not self.cells or self._widest(ticks) < self.cells * interval / span:
                return ticks
        return []

    def _ticks(self, min_: float, max_: float, most: int) -> tuple[list[float], float]:
        interval = self._interval(max_ - min_, most)
        first, last = math.ceil(min_ / interval), math.floor(max_ / interval)
        return [i * interval for i in range(first, min(last, first + 50) + 1)], interval

    def _widest(self, ticks: Sequence[float]) -> int:
        return max(map(len, self.get_labels_for_ticks(ticks)), default=0)

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        return [_number(tick) for tick in ticks]

    def _interval(self, span: float, most: int) -> float:
        power = 10.0 ** math.floor(math.log10(span / most))
        interval = next((step * power for step in STEPS if span / (step * power) <= most), 10 * power)
        return max(1.0, interval) if self.whole else interval


class LogTicks(Ticks):
    """For an axis whose coordinates are decimal logarithms: powers of ten, and 2 and 5 where few are in sight."""

    def get_ticks(self, min_: float, max_: float, max_ticks: int = 8) -> list[float]:
        if not (math.isfinite(max_ - min_) and max_ > min_):
            return []
        between = (1.0, 2.0, 5.0) if max_ - min_ < 1.5 else (1.0,)
        powers = range(math.floor(min_), math.ceil(max_) + 1)
        ticks = [power + math.log10(m) for power in powers for m in between]
        ticks = [tick for tick in ticks if min_ <= tick <= max_]
        return ticks[:: max(1, math.ceil(len(ticks) / self.most))]

    def get_labels_for_ticks(self, ticks: Sequence[float]) -> list[str]:
        return [_number(10.0**tick) for tick in ticks]


def _number(value: float) -> str:
    return f"{value:.4g}".replace("e+0", "e").replace("e-0", "e-")


def limits(values: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis for these values; never the same, so that a flat curve can be drawn."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if high - low > max(LEAST, 1e-9 * max(abs(low), abs(high))):
        return low, high
    around = max(abs(low) * 0.5, 0.5)
    return low - around, high + around
