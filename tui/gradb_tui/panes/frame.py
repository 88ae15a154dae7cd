"""The frame of a pane, which shows the focus: `Framed` changes the frame alone, and styles nothing in it anew."""

from textual.widget import Widget

FOCUSED = "pane--focused"  # the screen's component class that says how the frame looks with the focus
RULES = ("border_top", "border_right", "border_bottom", "border_left", "border_title_color")


class Framed(Widget):
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
