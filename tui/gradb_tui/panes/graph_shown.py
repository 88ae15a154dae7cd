"""The graph of a moment as the reader has folded and enlarged it: `GraphShown` draws it, and draws it again."""

from collections.abc import Iterator, Mapping
from functools import partial

from gradb.trace.folded_states import FoldedStates
from gradb.trace.folding import Folded
from gradb.trace.graph import NO_FLOW, Flow, Graph
from textual.timer import Timer

from gradb_tui.graph.ahead import next_focuses
from gradb_tui.graph.canvas import Canvas
from gradb_tui.graph.captions import ZOOMS
from gradb_tui.graph.drawing import Drawing
from gradb_tui.graph.fitting import counterpart, draw
from gradb_tui.graph.folds import Folds
from gradb_tui.panes.frame import Titled
from gradb_tui.panes.graph_details import FoldedDetails
from gradb_tui.panes.graph_foot import foot

IDLE = 0.02  # seconds, in which what a key changed is painted

Given = tuple[Mapping[int, str], Flow, Mapping[int, str]]


class GraphShown(Canvas, Titled):
    """Scrolls, or draws other surroundings, only when the current node is out of sight."""

    def __init__(self) -> None:
        super().__init__(id="graph", classes="pane")
        self.drawing: Drawing | None = None
        self.chosen: int | None = None
        self.whole: Graph | None = None
        self.zoom = "fit"
        self._folds = Folds()
        self._folded: Folded | None = None
        self._graph: Graph | None = None  # as it is folded
        self._given: Given = ({}, NO_FLOW, {})
        self._states: Mapping[int, str] = {}
        self._details: FoldedDetails | None = None
        self._flow: Flow = NO_FLOW
        self._idle: Timer | None = None

    def show(
        self, graph: Graph, states: Mapping[int, str], flow: Flow, details: Mapping[int, str] | None = None
    ) -> None:
        """Shows a graph at a moment. `details`, by key, stand in the boxes of nodes instead of their shapes."""
        self.whole, self._given = graph, (states, flow, details or {})
        folded = self._folded = self._folds.of(graph)
        before, self._graph = self._graph, folded.graph
        self._states, self._flow = FoldedStates(folded, states), folded.flow(flow)
        self._details = FoldedDetails(details or {}, folded)
        if not self.size:
            return
        current = self._flow.current
        inside = current in folded.graph.by_key
        if self.drawing is None or folded.graph is not before or (inside and current not in self.drawing.places):
            focus = current if inside else counterpart(self.drawing, folded.graph)
            self.drawing = draw(folded.graph, *self.size, focus, self.zoom)
            if current is not None and self.drawing.shown < self.drawing.total:
                self._look_ahead(next_focuses(folded.graph, self.drawing, current))
        self._paint(current)

    def _look_ahead(self, focuses: Iterator[int]) -> None:
        """Lays out what may be drawn next once what is drawn now is painted, one after another: layouts are kept."""
        if self._idle is not None:
            self._idle.stop()
        self._idle = self.set_timer(IDLE, partial(self._lay_out, focuses))

    def _lay_out(self, focuses: Iterator[int]) -> None:
        focus = next(focuses, None)
        if focus is not None and self._graph is not None and focus in self._graph.by_key and self.size:
            draw(self._graph, *self.size, focus, self.zoom)
            self._look_ahead(focuses)

    def _show_again(self, focus: int | None) -> None:
        """Draws the same moment anew, with a node in sight."""
        if self.whole is None or not self.size:
            return
        self._graph = None
        self.show(self.whole, *self._given)
        if self._graph is not None and focus is not None and self.drawing is not None:
            if focus not in self.drawing.places:
                self.drawing = draw(self._graph, *self.size, focus, self.zoom)
            self.choose(focus)

    def _paint(self, follow: int | None) -> None:
        if self.drawing is None or self._details is None:
            return
        chosen = self.chosen if self.has_focus else None
        scene = self.drawing.scene(self._states, self._flow, self._details, chosen, self._details.gradient_on)
        self.set_scene(scene, None if follow is None else self.drawing.places.get(follow))
        self.scrolled()

    def scrolled(self) -> None:
        """Says in the frame what is not shown, and of which module the chosen node is."""
        text = foot(self.drawing, self._graph, self.chosen if self.has_focus else self._flow.current, self.zoom)
        text = " ".join(filter(None, (text, self.viewport.rest())))
        if self.styles.border_bottom[0]:
            self.write_below(text)

    # --- folding and zooming

    def fold(self) -> str:
        """Folds the module of the chosen or current node, or unfolds it; returns what to say where there is none."""
        start = self.chosen if self.chosen is not None else self._flow.current
        if self.whole is None or start is None:
            return "No node is chosen: ↑ and ↓ go from node to node."
        key = self._folds.toggle(self.whole, start)
        if key is None:
            return "This node was made outside of modules."
        self._show_again(key)
        return ""

    def fold_all(self) -> str:
        """Unfolds everything, or folds every module below the outermost; returns what to say where there is none."""
        if self.whole is None or not self._folds.toggle_all(self.whole):
            return "No module made a node of this graph."
        kept = None if self.chosen is None else self._folds.of(self.whole).places.get(self.chosen)
        self.chosen = kept
        self._show_again(kept)
        return ""

    def scale(self, by: int) -> None:
        """Larger nodes (1), down to names alone (-1)."""
        levels = list(ZOOMS)
        self.zoom = levels[max(0, min(levels.index(self.zoom) + by, len(levels) - 1))]
        self._show_again(self.chosen if self.chosen is not None else self._flow.current)

    def choose(self, key: int | None) -> None:
        """Moves the choice to a node and brings it in sight."""
        self.chosen = key
        self._paint(key)
