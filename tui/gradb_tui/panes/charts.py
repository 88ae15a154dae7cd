"""The charts: the loss over the steps with the cursor on it, and what the program plotted; drawn by textual-plot."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import Widget
from textual_plot import HiResMode, PlotWidget

from gradb_tui.panes.figures import Figure, Losses, Plots, thin
from gradb_tui.panes.moment import Moment
from gradb_tui.panes.rows import visible

MARGIN = 8  # the column of the numbers on the left
LOSS = -1
ROLES = ("first", "second", "third")


class Plot(PlotWidget, can_focus=False):
    """A chart without keys of its own: a key means the same in every pane."""


class ChartsPane(Widget, can_focus=True):
    """One chart: the loss, or the figure that was chosen; a figure shows itself while the cursor is on its events."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"charts--cursor", *(f"charts--{role}" for role in ROLES)}

    class Titled(Message):
        """The chart has another title."""

    def __init__(self) -> None:
        super().__init__(id="charts", classes="pane")
        self.moment: Moment | None = None
        self.plots = Plots()
        self.losses = Losses()
        self.chosen = LOSS
        self.title = ""
        self._plot = Plot(allow_pan_and_zoom=False)
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        yield self._plot

    def on_mount(self) -> None:
        self._plot.margin_left, self._plot.margin_top, self._plot.margin_bottom = MARGIN, 0, 1

    def show(self, moment: Moment) -> None:
        """Shows another moment; draws only when the data, the cursor or the size differ from what is drawn."""
        self.moment = moment
        if not self.size:
            return
        self.plots.catch_up(moment.trace)
        place = self.plots.at(moment.at)
        if place is None:
            place = self.chosen if self.chosen < len(self.plots.spans) else LOSS
        seen = self._seen(moment, place)
        state = (place, seen, len(moment.trace.losses()), self.size)
        if state != self._drawn:
            self._drawn = state
            self._draw(self._figure(moment, place, seen))

    def next_chart(self) -> None:
        """Chooses the next chart; after the last figure the loss again."""
        self.chosen = self.chosen + 1 if self.chosen + 1 < len(self.plots.spans) else LOSS
        if self.moment is not None:
            self.show(self.moment)

    def _seen(self, moment: Moment, place: int) -> int:
        """How much of the chart the moment has seen."""
        if place == LOSS:
            return Losses.seen(moment.trace, moment.at)
        return sum(number <= moment.at for number in self.plots.spans[place])

    def _figure(self, moment: Moment, place: int, seen: int) -> Figure:
        if place == LOSS:
            self.losses.catch_up(moment.trace)
            return self.losses.figure(seen)
        return self.plots.figure(moment.trace, place, max(moment.at, self.plots.spans[place][0]))

    def _draw(self, figure: Figure) -> None:
        plot = self._plot
        plot.clear()
        columns = max(1, self.size.width - MARGIN - 2)
        for i, curve in enumerate(figure.curves):
            x, y = thin(curve.x, curve.y, columns)
            style = self._style(ROLES[i % len(ROLES)])
            if not x.size:
                continue
            if curve.kind == "line" and x.size > 1:
                plot.plot(x, y, line_style=style, hires_mode=HiResMode.BRAILLE)
            else:
                plot.scatter(x, y, marker="•", marker_style=style)
        if figure.cursor is not None and len(figure.curves[0].x) > 1:
            plot.add_v_line(figure.cursor, line_style=self._style("cursor"))
        empty = "" if figure.curves else ": nothing to draw yet"
        self.title = visible(figure.title) + empty
        self.post_message(self.Titled())

    def _style(self, role: str) -> str:
        return str(self.get_component_rich_style(f"charts--{role}", partial=True))

    def on_resize(self, _: events.Resize) -> None:
        if self.moment is not None:
            self.show(self.moment)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._drawn = None
