"""The charts: the loss over the steps with the cursor on it, and what the program plotted; drawn by textual-plot.

Where there are two runs, the losses of both are drawn over each other, with the letters A and B on the curves.
"""

import numpy as np
from gradb.trace.trace import Trace
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual_plot import HiResMode

from gradb_tui.panes.axes import LogTicks, Ticks, limits
from gradb_tui.panes.figures import Curve, Figure, Losses, Plots, ends, lettered, suits_logarithm, thin
from gradb_tui.panes.frame import Framed
from gradb_tui.panes.moment import Moment
from gradb_tui.panes.plot import Plot
from gradb_tui.panes.rows import Row, Span, row
from gradb_tui.panes.view import RowsView, role_style
from gradb_tui.panes.wrap import shorten

MARGIN = 8  # the column of the numbers on the left
LOSS = -1
ROLES = ("forward", "backward", "good")  # the colours of the curves


def caption(figure: Figure, width: int) -> Row:
    """The title, and the sign and label of each curve that has one."""
    spans: list[Span] = [(shorten(figure.title, width), "strong")]
    for i, curve in enumerate(figure.curves):
        if curve.letter:
            spans += [(f"  {curve.letter}", f"{ROLES[i % len(ROLES)]}"), (curve.label, "dim")]
        elif curve.label:
            spans += [
                ("  " + ("⠒" if curve.kind == "line" else "•"), ROLES[i % len(ROLES)]),
                (f" {curve.label}", "dim"),
            ]
    return row(*spans)


class Caption(RowsView, can_focus=False):
    """The line above a chart."""


class ChartsPane(Framed, can_focus=True):
    """One chart: the loss, or the figure that was chosen; a figure shows itself while the cursor is on its events."""

    def __init__(self) -> None:
        super().__init__(id="charts", classes="pane")
        self.moment: Moment | None = None
        self.plots = Plots()
        self.losses = Losses()
        self.others = Losses()  # those of the other run
        self._of: Trace | None = None
        self.chosen = LOSS
        self._caption = Caption()
        self._plot = Plot()
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield self._caption
        yield self._plot

    def on_mount(self) -> None:
        self._plot.margin_left, self._plot.margin_top, self._plot.margin_bottom = MARGIN, 0, 1

    def show(self, moment: Moment) -> None:
        """Shows another moment; draws the chart only when its data or its size are others."""
        self.moment = moment
        if not self.size:
            return
        self._catch_up(moment)
        place = self.plots.at(moment.at)
        if place is None:
            place = self.chosen if self.chosen < len(self.plots.spans) else LOSS
        figure = self._figure(moment, place)
        self._caption.set_rows([caption(figure, self.size.width)])
        sizes, styles = [curve.x.size for curve in figure.curves], [self._style(role) for role in ROLES]
        drawn = (place, sizes, styles, self.size, moment.trace, moment.both)
        if drawn != self._drawn:
            self._drawn = drawn
            with self._plot.drawing():
                self._draw(figure)
            self.call_after_refresh(self._move_cursor, figure)  # a chart of a new size is drawn when it is painted
        self._move_cursor(figure)

    def _catch_up(self, moment: Moment) -> None:
        """Takes in what came since, of another run everything."""
        if moment.trace is not self._of:
            self._of, self.plots, self.losses, self.others = moment.trace, Plots(), Losses(), Losses()
        self.plots.catch_up(moment.trace)
        self.losses.catch_up(moment.trace)
        if moment.both is not None:
            self.others.catch_up(moment.both.other(moment.trace))

    def next_chart(self) -> None:
        """Chooses the next chart; after the last figure the loss again."""
        self.chosen = self.chosen + 1 if self.chosen + 1 < len(self.plots.spans) else LOSS
        if self.moment is not None:
            self.show(self.moment)

    @property
    def _columns(self) -> int:
        return max(1, self.size.width - MARGIN - 2)

    def _figure(self, moment: Moment, place: int) -> Figure:
        if place == LOSS and moment.both is not None:
            a, b = (self.losses, self.others)[:: 1 if moment.both.letter(moment.trace) == "A" else -1]
            pairing, (at_a, at_b) = moment.both.pairing, moment.both.moments(moment.trace, moment.at)
            return a.beside(b, Losses.seen(pairing.left, at_a), Losses.seen(pairing.right, at_b))
        if place == LOSS:
            return self.losses.figure(Losses.seen(moment.trace, moment.at))
        return self.plots.figure(moment.trace, place, max(moment.at, self.plots.spans[place][0]))

    def _draw(self, figure: Figure) -> None:
        plot = self._plot
        thinned = [thin(curve.x, curve.y, self._columns) for curve in figure.curves]
        logarithmic = figure.cursor is not None and suits_logarithm(np.concatenate([y for _, y in thinned]))
        parts = ["loss"] * (len(figure.curves) > 1 and figure.cursor is not None) + ["log scale"] * logarithmic
        self.write_below(", ".join(parts))
        if logarithmic:
            thinned = [(x, np.log10(y)) for x, y in thinned]
        x_ends = limits([float(end) for x, _ in thinned for end in ends(x)])
        steps = figure.cursor is not None
        plot.set_x_formatter(Ticks(self._columns // 3, cells=self._columns, whole=steps))
        plot.set_y_formatter((LogTicks if logarithmic else Ticks)(self.size.height // 2))
        plot.set_xlimits(*x_ends)
        plot.set_ylimits(*limits([float(end) for _, y in thinned for end in ends(y)]))
        for i, (curve, (x, y)) in enumerate(zip(figure.curves, thinned, strict=True)):
            self._add(Curve(curve.kind, x, y), self._style(ROLES[i % len(ROLES)]))
        for i, (curve, (x, y)) in enumerate(zip(figure.curves, thinned, strict=True)):
            if curve.letter and x.size:
                places = lettered(Curve(curve.kind, x, y), i, len(figure.curves))
                plot.scatter(*places, marker=curve.letter, marker_style=f"bold {self._style(ROLES[i % len(ROLES)])}")

    def _move_cursor(self, figure: Figure) -> None:
        self._plot.move_cursor(figure.cursor, Style(color=role_style(self, "warn").color))

    def _add(self, curve: Curve, style: str) -> None:
        if curve.kind == "line" and curve.x.size > 1:
            self._plot.plot(curve.x, curve.y, line_style=style, hires_mode=HiResMode.BRAILLE)
        elif curve.x.size:
            self._plot.scatter(curve.x, curve.y, marker="•", marker_style=style)

    def _style(self, role: str) -> str:
        return str(Style(color=role_style(self, role).color))

    def on_resize(self, _: events.Resize) -> None:
        if self.moment is not None:
            self.show(self.moment)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.moment is not None:  # in the colours of another theme, once these are known
            self.call_after_refresh(self.show, self.moment)
