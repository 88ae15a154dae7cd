"""The computation graph at the cursor: what is built, visited and freed, and where values and gradients flow."""

from collections.abc import Mapping
from typing import ClassVar

from gradb.trace.graph import NO_FLOW, Flow, Graph, GraphNode
from textual import events
from textual.binding import BindingType
from textual.message import Message

from gradb_tui.graph.canvas import Canvas
from gradb_tui.graph.drawing import Drawing, counterpart, draw
from gradb_tui.graph.walking import beside, vertical
from gradb_tui.keys import bindings
from gradb_tui.panes.frame import Framed


class GraphPane(Canvas, Framed, can_focus=True):
    """Draws one graph. It scrolls, or draws other surroundings, only when the current node is out of sight."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pane")]

    class NodeSelected(Message):
        """A node was clicked, or chosen with the keys; `key` is that of the trace's graph."""

        def __init__(self, key: int) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__(id="graph", classes="pane")
        self.drawing: Drawing | None = None
        self.chosen: int | None = None
        self._graph: Graph | None = None
        self._states: Mapping[int, str] = {}
        self._details: Mapping[int, str] = {}
        self._flow: Flow = NO_FLOW

    def show(
        self, graph: Graph, states: Mapping[int, str], flow: Flow, details: Mapping[int, str] | None = None
    ) -> None:
        """Shows a graph at a moment. `details`, by key, stand in the boxes of nodes instead of their shapes."""
        before, self._graph = self._graph, graph
        self._states, self._flow, self._details = states, flow, details or {}
        if not self.size:
            return
        current = flow.current
        inside = current in graph.by_key
        if self.drawing is None or graph is not before or (inside and current not in self.drawing.places):
            focus = current if inside else counterpart(self.drawing, graph)
            self.drawing = draw(graph, *self.size, focus)
        self._paint(current)

    def _paint(self, follow: int | None) -> None:
        if self.drawing is None:
            return
        chosen = self.chosen if self.has_focus else None
        scene = self.drawing.scene(self._states, self._flow, self._details, chosen)
        self.set_scene(scene, None if follow is None else self.drawing.places.get(follow))
        self.scrolled()

    def scrolled(self) -> None:
        """Says in the frame what is not shown."""
        drawing = self.drawing
        part = f"{drawing.shown} of {drawing.total} nodes" if drawing and drawing.shown < drawing.total else ""
        text = " ".join(filter(None, (part, self.viewport.rest())))
        if self.styles.border_bottom[0] and text != (self.border_subtitle or ""):
            self.border_subtitle = text

    def choose(self, key: int | None) -> None:
        """Moves the choice to a node and brings it in sight."""
        self.chosen = key
        self._paint(key)

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
        """The node that the keys have gone to."""
        if self._graph is None or self.chosen is None:
            return None
        return self._graph.by_key.get(self.chosen)

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
            self.drawing = draw(self._graph, *self.size, key)
        if key is not None:
            self.choose(key)

    def action_choose(self) -> None:
        if self.drawing is not None and self.chosen is not None and self.chosen in self.drawing.places:
            self.post_message(self.NodeSelected(self.chosen))

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
        if self._graph is not None:
            graph, self._graph = self._graph, None
            self.show(graph, self._states, self._flow, self._details)
