"""The frame of a pane, which shows the focus: `Framed` changes the frame alone, and styles nothing in it anew."""

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget

FOCUSED = "pane--focused"  # the screen's component class that says how the frame looks with the focus
RULES = ("border_top", "border_right", "border_bottom", "border_left", "border_title_color")


class Titled(Widget):
    """A widget that writes in its frame. Where Textual writes a title, it paints all of the widget anew."""

    def write_above(self, title: Content) -> None:
        """Writes in the frame's upper line."""
        if self._border_title is None or not title.is_same(self._border_title):
            self._border_title = title
            self._paint_edge(0)

    def write_below(self, text: str) -> None:
        """Writes in the frame's lower line; text is shown as it is, never read as markup."""
        if text != ("" if self._border_subtitle is None else self._border_subtitle.plain):
            self._border_subtitle = Content(text)
            self._paint_edge(self.outer_size.height - 1)

    def _paint_edge(self, y: int) -> None:
        x_inside, y_inside = self.content_offset
        self.refresh(Region(-x_inside, y - y_inside, self.outer_size.width, 1))


class Framed(Titled):
    """A widget with a frame. With `:focus` in the style sheet Textual would style it and all that is in it again."""

    def watch_has_focus(self, _has_focus: bool) -> None:
        self._frame()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_attached:
            self._frame()

    def _frame(self) -> None:
        if self.has_focus and self.styles.base.border_top[0] and FOCUSED in self.screen.COMPONENT_CLASSES:
            look = self.screen.get_component_styles(FOCUSED)
            for rule in RULES:
                self.styles.set_rule(rule, getattr(look, rule))
        else:
            for rule in RULES:
                self.styles.clear_rule(rule)
        self.refresh()
