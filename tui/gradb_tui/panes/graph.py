"""The computation graph at the cursor: what is built, visited and freed, and where values and gradients flow."""

from typing import ClassVar

from gradb.trace.graph import GraphNode
from textual import events
from textual.binding import BindingType
from textual.message import Message

from gradb_tui.graph.fitting import draw
from gradb_tui.graph.walking import beside, vertical
from gradb_tui.keys import bindings
from gradb_tui.panes.frame import Framed
from gradb_tui.panes.graph_shown import GraphShown


class GraphPane(GraphShown, Framed, can_focus=True):
    """Draws one graph, and goes from node to node in it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pane")]

    class NodeSelected(Message):
        """A node was clicked, or chosen with the keys; `key` is that of the trace's graph."""

        def __init__(self, key: int) -> None:
            super().__init__()
            self.key = key

    def action_scroll(self, by: str) -> None:
        """Moves the choice from node to node, or scrolls by a page."""
        if "page" in by:
            rows = max(1, self.size.height - 1)
            self.scroll_cells(0, rows if by == "page" else -rows)
        elif self.drawing is not None:
            start = self.chosen if self.chosen in self.drawing.places else self._flow.current
            self.choose(self.drawing.step(start, int(by)))

    @property
    def chosen_node(self) -> GraphNode | None:
        """The node that the keys have gone to; of a box the last in it."""
        if self.whole is None or self._folded is None or self.chosen is None:
            return None
        return self.whole.by_key.get(self._folded.whole(self.chosen))

    def action_across(self, by: str) -> None:
        start = self.chosen if self.chosen is not None else self._flow.current
        key = None if self.drawing is None or start is None else beside(self.drawing, start, int(by))
        if key is not None:
            self.choose(key)
        else:
            self.scroll_cells(6 * int(by), 0)

    def walk(self, by: int) -> None:
        """Goes to an input of the chosen or current node (-1), or to what uses it (1); draws it if it was left out."""
        start = self.chosen if self.chosen is not None else self._flow.current
        if self._graph is None or self.drawing is None or not self._graph.nodes:
            return
        key = self._graph.nodes[-1].key if start is None else vertical(self._graph, start, by)
        if key is not None and key not in self.drawing.places:
            self.drawing = draw(self._graph, *self.size, key, self.zoom)
        if key is not None:
            self.choose(key)

    def action_choose(self) -> None:
        if self.drawing is not None and self.chosen_node is not None and self.chosen in self.drawing.places:
            self.post_message(self.NodeSelected(self.chosen_node.key))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        place = None if offset is None else self.node_at(offset.x, offset.y)
        key = None if self.drawing is None or place is None else self.drawing.keys[place]
        if key is not None:
            self.choose(key)
            self.action_choose()

    def on_focus(self) -> None:
        self._paint(None)

    def on_blur(self) -> None:
        self._paint(None)

    def on_resize(self, _: events.Resize) -> None:
        self.scene = None
        self._show_again(None)
