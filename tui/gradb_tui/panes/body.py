"""The space between the top line and the timeline: `Body` places the panes by `arrange` and knows which are shown."""

from collections.abc import Sequence
from typing import cast

from textual.geometry import NULL_OFFSET, NULL_SPACING, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message
from textual.widget import Widget

from gradb_tui.keys import PANES
from gradb_tui.panes.arrange import Arrangement, arrange

FIRST_USED: tuple[str, ...] = ("source", "event", "tensor", "graph", "charts", "notes", "watch", "compare")


class PaneLayout(Layout):
    """Gives a place to the panes of the arrangement and none to the others."""

    name = "panes"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        places = cast("Body", parent).arrangement_for(size).places
        return [
            WidgetPlacement(places[child.id], NULL_OFFSET, NULL_SPACING, child)
            for child in children
            if child.id in places
        ]


LAYOUT = PaneLayout()


class Body(Widget):
    """The panes. `use` brings one to the front where it shares its place with others."""

    class Arranged(Message):
        """Other panes are shown than before, or at other places."""

    def __init__(self, *panes: Widget) -> None:
        super().__init__(*panes, id="body")
        self.recent = list(FIRST_USED)
        self.zoomed = False
        self.hidden: list[str] = []
        self.arrangement = Arrangement({})

    @property
    def layout(self) -> Layout:
        return LAYOUT

    def arrangement_for(self, size: Size) -> Arrangement:
        """The arrangement at a size; tells the screen where it differs from the one before."""
        new = arrange(size.width, size.height, self.recent, zoomed=self.zoomed, hidden=self.hidden)
        if new != self.arrangement:
            self.arrangement = new
            self.post_message(self.Arranged())
        return new

    def use(self, pane: str) -> None:
        """Notes that a pane is used now, and shows it if it was behind another."""
        if pane in self.hidden:
            self.hidden.remove(pane)
            self._arrange_again()
        if self.recent[0] == pane:
            return
        self.recent.remove(pane)
        self.recent.insert(0, pane)
        if pane not in self.arrangement.places:
            self._arrange_again()

    def hide(self, panes: Sequence[str]) -> None:
        """Hides these panes and shows all others; at least one stays."""
        hidden = [pane for pane in panes if pane in self.recent][: len(self.recent) - 1]
        self.hidden = hidden
        self.recent.sort(key=lambda pane: pane in hidden)
        self._arrange_again()

    def zoom(self) -> None:
        """Gives the pane in use the whole space, or gives the space back."""
        self.zoomed = not self.zoomed
        self._arrange_again()

    def _arrange_again(self) -> None:
        # Textual keeps a widget's arrangement until one of its children asks for another.
        self.children[0].refresh(layout=True)

    def next_of(self, pane: str, by: int) -> str:
        """The pane that is `by` panes further in the order of their numbers, among those that are not hidden."""
        order = [one for one in PANES if one not in self.hidden or one == pane]
        return order[(order.index(pane) + by) % len(order)]
