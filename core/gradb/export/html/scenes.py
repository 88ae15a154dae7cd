"""The graphs of a walk and what each event changes in them: `Scenes(trace)`, then `scene(n)` for event after event.

Graphs that look alike, such as those of two training steps, share one drawing.
"""

from msgspec import Struct

from gradb.export.drawn import DrawnNode, Flowing, function_of, shape_of, shown, title_of
from gradb.export.picture import columns, picture
from gradb.export.svg_graph import boxes, lines
from gradb.trace.events import BackwardFinished, BackwardStarted, Forward, TensorCreated, Visit
from gradb.trace.graph import NO_FLOW, Graph, GraphNode
from gradb.trace.trace import Trace

MOST_NODES = 150  # of a larger graph the part around its root is drawn
VALUE_WIDTH = 14  # characters that a value or a gradient takes at most; the page knows this number
_LETTERS = {"not_built": "n", "built": "b", "ready": "r", "visited": "v", "freed": "f"}
_CHANGING = (TensorCreated, Forward, BackwardStarted, Visit, BackwardFinished)


class Drawing(Struct, frozen=True):
    """The elements of an SVG picture and its size."""

    width: int
    height: int
    svg: str


class Place(Struct, frozen=True):
    """A node of a graph: its tensor, the id of its backward node and the forward event that made it, or else 0."""

    title: str
    role: str
    tensor: int
    node: int
    forward: int


class GraphOf(Struct, frozen=True):
    """A graph: which drawing shows it, what its nodes are, how many nodes it has that are not drawn."""

    drawing: int
    nodes: tuple[Place, ...]
    left_out: int


class Scene(Struct, frozen=True, array_like=True):
    """An event's picture: which graph; a letter for the state of each node, empty where they are as before; the place
    of the current node, or -1; and what flows: source, target, and 1 forward or -1 back.
    """

    graph: int
    states: str
    current: int
    flow: tuple[tuple[int, int, int], ...]


class Scenes:
    """Gathers the drawings and graphs while `scene` is asked for one event after the other."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.drawings: list[Drawing] = []
        self.graphs: list[GraphOf] = []
        self._places: dict[str, int] = {}  # of each drawing, by its elements
        self._graph: Graph | None = None
        self._nodes: list[GraphNode] = []
        self._by_key: dict[int, int] = {}
        self._states = ""

    def scene(self, at: int) -> Scene:
        """The picture after event `at`."""
        graph = self._trace.graph(at)
        new = graph is not self._graph
        if new:
            self._begin(graph)
        states = ""
        if new or isinstance(self._trace.event(at), _CHANGING):
            found = self._trace.node_states(graph, at)
            states = "".join(_LETTERS[found[node.key]] for node in self._nodes)
            states, self._states = "" if states == self._states and not new else states, states
        flow = self._trace.flow(graph, at) if graph.nodes else NO_FLOW
        current = -1 if flow.current is None else self._by_key.get(flow.current, -1)
        moving = (self._moving(graph, start, end) for start, end in flow.edges)
        return Scene(len(self.graphs) - 1, states, current, tuple(edge for edge in moving if edge is not None))

    def _moving(self, graph: Graph, start: int, end: int) -> tuple[int, int, int] | None:
        source, target = self._by_key.get(start), self._by_key.get(end)
        if source is None or target is None:
            return None
        return (source, target, 1) if start in graph.by_key[end].inputs else (target, source, -1)

    def _begin(self, graph: Graph) -> None:
        self._graph = graph
        self._nodes = shown(graph, NO_FLOW, MOST_NODES)
        self._by_key = {node.key: place for place, node in enumerate(self._nodes)}
        drawing = _drawing(self._trace, self._nodes, self._by_key)
        place = self._places.setdefault(drawing.svg, len(self.drawings))
        if place == len(self.drawings):
            self.drawings.append(drawing)
        places = tuple(
            Place(title_of(n), n.role, n.tensor, 0 if n.node is None else n.node.id, n.forward) for n in self._nodes
        )
        self.graphs.append(GraphOf(place, places, len(graph.nodes) - len(self._nodes)))


def _drawing(trace: Trace, nodes: list[GraphNode], by_key: dict[int, int]) -> Drawing:
    told = [
        DrawnNode(
            key=place,
            role=node.role,
            title=title_of(node),
            function=function_of(node),
            shape=shape_of(node),
            value="",
            grad="",
            state="built",
            current=False,
            line=trace.event(node.forward).line if node.forward else 0,
        )
        for place, node in enumerate(nodes)
    ]
    edges = [(by_key[key], by_key[node.key]) for node in nodes for key in node.inputs if key in by_key]
    widths = [max(columns(node.title), columns(node.shape), VALUE_WIDTH) for node in told]
    placed = picture(len(nodes), edges, widths)
    still: list[tuple[int, int, Flowing]] = []
    elements = [*lines(placed, still), *boxes(placed, told)]
    return Drawing(placed.width, placed.height, "".join(elements))
