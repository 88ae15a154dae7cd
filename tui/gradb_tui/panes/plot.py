"""textual-plot's chart with a vertical line that moves without drawing the chart anew: `Plot.move_cursor(x)`."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult, RenderResult
from textual.containers import Grid
from textual.geometry import Region
from textual.strip import Strip
from textual_hires_canvas import Canvas
from textual_plot import PlotWidget
from textual_plot.plot_widget import Legend


class StyledCanvas(Canvas):
    """A canvas whose empty places have a style too: without colours Textual fails on a segment that has none."""

    _kept_style: Style | None = None

    @property
    def rich_style(self) -> Style:  # asked for by every line, and Textual makes it from all widgets around
        if self._kept_style is None:
            self._kept_style = super().rich_style
        return self._kept_style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._kept_style = None

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        if all(segment.style is not None for segment in strip):
            return strip
        return Strip([Segment(segment.text, segment.style or self.rich_style) for segment in strip])


class CursorCanvas(StyledCanvas):
    """The canvas of a chart, with the cursor's line in one column."""

    cursor: int | None = None
    cursor_style = Style()

    def move_cursor(self, column: int | None, style: Style) -> None:
        """Puts the line into a column; None takes it away."""
        if (column, style) != (self.cursor, self.cursor_style):
            before, self.cursor, self.cursor_style = self.cursor, column, style
            changed = [c for c in (before, column) if c is not None]
            self.refresh(*(Region(c, 0, 1, self.size.height) for c in changed))

    def render_line(self, y: int) -> Strip:
        strip = super().render_line(y)
        if self.cursor is None or not 0 < y < self.size.height - 1 or not 0 < self.cursor < strip.cell_length - 1:
            return strip
        line = Strip([Segment("│", self.rich_style + self.cursor_style)])
        return Strip.join([strip.crop(0, self.cursor), line, strip.crop(self.cursor + 1)])


class Plot(PlotWidget, can_focus=False):
    """A chart without keys of its own: a key means the same in every pane."""

    def __init__(self) -> None:
        super().__init__(allow_pan_and_zoom=False)
        self.canvas = CursorCanvas(1, 1, id="plot")
        self._is_drawing = False

    def compose(self) -> ComposeResult:
        # As in PlotWidget, with our canvas.
        with Grid():
            yield StyledCanvas(1, 1, id="margin-top")
            yield StyledCanvas(1, 1, id="margin-left")
            yield self.canvas
            yield StyledCanvas(1, 1, id="margin-bottom")
        yield Legend(id="legend")

    @contextmanager
    def drawing(self) -> Generator[None]:
        """Draws anew, at its end, what was added in it; on the canvases alone, as nothing is seen behind them.

        It is seen with the rest: drawn while it is painted, it would come later.
        """
        self._is_drawing = True
        self.clear()
        yield
        self._is_drawing = False
        with ExitStack() as drawing:
            for canvas in self.query(Canvas):  # which would ask to be painted anew at every cell
                drawing.enter_context(canvas.batch_refresh())
            self.render()

    def _rerender(self) -> None:
        self._needs_rerender = True
        if not self._is_drawing:
            self.refresh()

    def render(self) -> RenderResult:
        # On a canvas without room inside its frame textual-plot fails where a point lies on the frame.
        inside = self.size.width - self.margin_left - 2, self.size.height - self.margin_top - self.margin_bottom - 2
        return super().render() if min(inside) > 1 else ""

    def move_cursor(self, x: float | None, style: Style) -> None:
        """Moves the line to a place on the x axis; None takes it away."""
        inside = self.canvas.size.width - 2
        if x is None or inside < 1:
            self.canvas.move_cursor(None, style)
        else:
            column, _ = self.get_pixel_from_coordinate(x, 0.0)
            self.canvas.move_cursor(max(1, min(column, inside)), style)
