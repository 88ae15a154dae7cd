"""Rows on the screen, drawn fast: give `RowsView.set_rows` what to show, and only rows that changed are painted."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from gradb_tui.keys import bindings
from gradb_tui.panes.frame import Titled
from gradb_tui.panes.heat import heat_colours
from gradb_tui.panes.rows import BLANK, Row, visible


def role_style(widget: Widget, role: str) -> Style:
    """How a role looks on the widget's screen."""
    return widget.screen.get_component_rich_style(f"rows--{role}", default=Style())


class RowsView(Titled, can_focus=True):
    """A widget of rows that scrolls by itself. Without scroll bars, so that no key ever changes the layout."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pane")]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.rows: Sequence[Row] = ()
        self.top = 0
        self.foot = ""
        self._strips: dict[int, Strip] = {}
        self._styles: dict[tuple[str, str], Style] = {}

    # --- what is shown

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Shows these rows from now on; repaints those that differ."""
        old, self.rows = self.rows, rows
        changed = [i for i, (a, b) in enumerate(zip_longest(old, rows)) if a != b]
        for i in changed:
            self._strips.pop(i, None)
        top = min(self.top, self.last_top)
        if top != self.top:
            self.top = top
            self.refresh()
        else:
            width, height = self.size
            self._paint(*(Region(0, i - top, width, 1) for i in changed if 0 <= i - top < height))
        self._tell_rest()

    def reveal(self, index: int) -> None:
        """Scrolls so that a row can be seen with a little of what is around it."""
        height = self.size.height
        around = min(2, max(0, (height - 1) // 2))
        if index - around < self.top or index + around >= self.top + height:
            self.scroll_rows_to(index - height // 2)

    def scroll_rows_to(self, top: int) -> None:
        """Shows the rows from this one on, as far as there are any."""
        top = max(0, min(top, self.last_top))
        if top != self.top:
            self.top = top
            self.refresh()
            self._tell_rest()

    @property
    def last_top(self) -> int:
        """The furthest that one can scroll."""
        return max(0, len(self.rows) - self.size.height)

    def _paint(self, *regions: Region) -> None:
        if regions:
            self.refresh(*regions)

    def _tell_rest(self) -> None:
        """Says in the frame how many rows are out of sight, and what else `foot` says."""
        above, below = self.top, max(0, len(self.rows) - self.top - self.size.height)
        parts = [f"↑{above}"] * bool(above) + [f"↓{below}"] * bool(below)
        text = " · ".join(filter(None, (" ".join(parts), self.foot)))
        if self.styles.border_bottom[0]:
            self.write_below(text)

    # --- painting

    def render_line(self, y: int) -> Strip:
        index = self.top + y
        width = self.size.width
        strip = self._strips.get(index)
        if strip is None or strip.cell_length != width:
            strip = self._strips[index] = self._strip(self.rows[index] if index < len(self.rows) else BLANK, width)
        return strip

    def _strip(self, shown: Row, width: int) -> Strip:
        segments = [Segment(visible(text), self._style(role, shown.role)) for text, role in shown.spans]
        return Strip(segments).adjust_cell_length(width, self._style("plain", shown.role))

    def _style(self, role: str, row_role: str) -> Style:
        style = self._styles.get((role, row_role))
        if style is None:
            over = self._heat(role) if role.startswith("heat:") else role_style(self, role)
            base = role_style(self, row_role) if row_role != "plain" else self.rich_style
            if role != "plain":  # the background stays that of the row
                base += Style(color=over.color, bold=over.bold, italic=over.italic, reverse=over.reverse)
            if role.startswith("heat:"):
                base += Style(bgcolor=over.bgcolor)
            style = self._styles[role, row_role] = base
        return style

    def _heat(self, role: str) -> Style:
        upper, lower = heat_colours(role, self.app.current_theme.dark)
        return Style(color=upper, bgcolor=lower)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    # --- scrolling

    def on_resize(self) -> None:
        self._strips.clear()
        self.resized()
        self.scroll_rows_to(self.top)
        self._tell_rest()

    def resized(self) -> None:
        """For a view whose rows depend on its size."""

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_rows_to(self.top + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_rows_to(self.top - 3)

    def action_scroll(self, by: str) -> None:
        page = max(1, self.size.height - 1)
        ends = {"start": 0, "end": self.last_top, "page": self.top + page, "-page": self.top - page}
        self.scroll_rows_to(ends[by] if by in ends else self.top + int(by))

    def action_across(self, by: str) -> None:
        """Nothing lies beside; a pane with columns says so."""

    def action_choose(self) -> None:
        """Nothing to choose from here; a pane that has something says so."""
