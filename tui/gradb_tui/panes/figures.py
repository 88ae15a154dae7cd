"""What the charts show: the loss, and the figures that the program plotted up to a moment, thinned to the columns."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np
from gradb.trace.events import Array, Plotted
from gradb.trace.trace import Trace

DRAWN = {"plot": "line", "scatter": "points"}
LARGEST = 1e300  # the difference of two larger numbers may not be finite
CLOSING = ("show", "close", "savefig")


@dataclass(frozen=True)
class Curve:
    """Points to draw as a line or as points; `letter` stands on the line here and there, so that it is known."""

    kind: Literal["line", "points"]
    x: Array
    y: Array
    label: str = ""
    letter: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart: its title and curves, the event it begins with, and the x of the cursor's line if there is one."""

    title: str
    curves: tuple[Curve, ...]
    first: int = 0
    cursor: float | None = None


@dataclass
class Plots:
    """The program's figures: events that belong together, up to a `show` (or `close`). Reads new events only."""

    spans: list[list[int]] = field(default_factory=list[list[int]])
    _done: int = 0
    _open: bool = False

    def catch_up(self, trace: Trace) -> None:
        """Sorts the plot events that came since into figures."""
        numbers = trace.of_kind("plotted")
        for number in numbers[self._done :]:
            event = trace.events[number - 1]
            assert isinstance(event, Plotted)
            if not self._open or event.call == "figure":
                self.spans.append([])
            self.spans[-1].append(number)
            self._open = event.call not in CLOSING
        self._done = len(numbers)
        self.spans = [span for span in self.spans if len(span) > 1 or self._is_drawn(trace, span)]

    @staticmethod
    def _is_drawn(trace: Trace, span: Sequence[int]) -> bool:
        event = trace.events[span[0] - 1]
        return isinstance(event, Plotted) and event.call not in CLOSING

    def at(self, at: int) -> int | None:
        """The place of the figure that event `at` belongs to, None where it belongs to none."""
        place = bisect_right(self.spans, at, key=lambda span: span[0]) - 1
        return place if place >= 0 and at <= self.spans[place][-1] else None

    def figure(self, trace: Trace, place: int, at: int) -> Figure:
        """A figure as far as it was drawn at a moment."""
        curves: list[Curve] = []
        title = f"figure {place + 1}"
        for number in self.spans[place]:
            event = trace.events[number - 1]
            if number > at or not isinstance(event, Plotted):
                break
            options = dict(event.options)
            if event.call in ("title", "suptitle"):
                title = str(next(iter(options.values()), title))
            elif event.call in DRAWN and event.series:
                curves.extend(_curves(event, str(options.get("label") or "")))
        return Figure(title, tuple(curves), self.spans[place][0])


def _curves(event: Plotted, label: str) -> list[Curve]:
    """The series of one call: y alone is drawn over its positions, x and y together."""
    kind: Literal["line", "points"] = "line" if event.call == "plot" else "points"
    series = [np.asarray(s, dtype=np.float64).ravel() for s in event.series]
    if len(series) == 1:
        series.insert(0, np.arange(series[0].size, dtype=np.float64))
    pairs = zip(series[::2], series[1::2], strict=False)
    return [Curve(kind, x, y, label) for x, y in pairs if x.size == y.size]


@dataclass
class Losses:
    """The loss curve of a growing trace; its arrays are made again only when there are more losses."""

    steps: Array = field(default_factory=lambda: np.zeros(0))
    values: Array = field(default_factory=lambda: np.zeros(0))

    def catch_up(self, trace: Trace) -> None:
        """Takes in the losses that came since."""
        losses = trace.losses()
        if len(losses) != self.steps.size:
            self.steps = np.array([loss[1] for loss in losses], dtype=np.float64)
            self.values = np.array([loss[2] for loss in losses], dtype=np.float64)

    @staticmethod
    def seen(trace: Trace, at: int) -> int:
        """How many losses were computed up to a moment."""
        return bisect_right(trace.losses(), at, key=lambda loss: loss[0])

    def beside(self, other: "Losses", seen: int, other_seen: int) -> Figure:
        """The curves of runs A (this one) and B (the other), with the cursor at the last loss that was seen."""
        steps = max(self.steps, other.steps, key=len)
        if not steps.size:
            return self.figure(seen)
        step = steps[min(max(seen, other_seen, 1), steps.size) - 1]
        texts = [f"{v[n - 1]:.5g}" if n else "none yet" for v, n in ((self.values, seen), (other.values, other_seen))]
        curves = [
            Curve("line", one.steps, one.values, f" {text}", letter)
            for letter, one, text in zip("AB", (self, other), texts, strict=True)
        ]
        return Figure(f"step {step:.0f}", tuple(curves), 0, float(step) if steps.size > 1 else None)

    def figure(self, seen: int) -> Figure:
        """The whole curve, with the cursor at the last loss that was seen."""
        if not self.steps.size:
            return Figure("No loss yet: it is the root of a backward with one element.", ())
        step, value = self.steps[max(0, seen - 1)], self.values[max(0, seen - 1)]
        title = f"loss {value:.5g} at step {step:.0f}" if seen else "the loss is not computed yet"
        return Figure(title, (Curve("line", self.steps, self.values),), 0, float(step) if self.steps.size > 1 else None)


def thin(x: Array, y: Array, columns: int) -> tuple[Array, Array]:
    """At most two points for each column, its lowest and highest, so that no spike is lost; without NaN and Inf."""
    keep = (np.abs(x) < LARGEST) & (np.abs(y) < LARGEST)
    x, y = x[keep], y[keep]
    if columns < 1 or x.size <= 2 * columns:
        return x, y
    edges = np.linspace(0, x.size, columns + 1).astype(int)
    chosen = sorted({int(a + f(y[a:b])) for a, b in pairwise(edges) for f in (np.argmin, np.argmax)})
    return x[chosen], y[chosen]


def lettered(curve: Curve, place: int, count: int, letters: int = 4) -> tuple[Array, Array]:
    """Where a curve's letter stands: at `letters` points, and not where another of `count` curves has its."""
    size = curve.x.size
    if size <= letters:
        return curve.x[-1:], curve.y[-1:]
    at = [round((size - 1) * (i * count + place + 1) / (letters * count)) for i in range(letters)]
    return curve.x[at], curve.y[at]


def suits_logarithm(values: Array) -> bool:
    """Whether a logarithmic axis shows more of the values: they are above 0 and lie far apart."""
    return values.size > 1 and float(values.min()) > 0 and float(values.max()) > 50 * float(values.min())


def ends(values: Array) -> tuple[float, ...]:
    """The least and the greatest value, nothing where there is none."""
    return (float(values.min()), float(values.max())) if values.size else ()
