"""The graph of a run at a moment, in the words that pictures of it show: `drawn(trace, at)`."""

from collections.abc import Callable
from typing import Literal, TypeAlias

from msgspec import Struct

from gradb.drawing.neighbourhood import neighbourhood
from gradb.trace.events import Array, Visit
from gradb.trace.formulas import explain
from gradb.trace.graph import Flow, Graph, GraphNode, Role
from gradb.trace.numbers import brief
from gradb.trace.trace import Trace

MARKS = {"not_built": "·", "built": "", "ready": "◇", "visited": "✓", "freed": "∅"}
LEGEND = "· not built yet, ◇ gradient complete, ✓ visited by backward, ∅ visited and its saved tensors released"

Flowing: TypeAlias = Literal["", "forward", "backward"]
_LONGEST = 32


class DrawnNode(Struct, frozen=True):
    """One node. `title` is its name or `y = mul`, `function` its backward node's name, empty for constants.

    `value` and `grad` are short texts, empty where there is none yet. `grad` is `.grad`, or for an op the gradient that
    came in when backward visited it. `line` is the source line that made it, 0 where that is not known.
    """

    key: int
    role: Role
    title: str
    function: str
    shape: str
    value: str
    grad: str
    state: str
    current: bool
    line: int

    @property
    def mark(self) -> str:
        """The sign of its state, which is not told by colour alone."""
        return MARKS[self.state]


class DrawnEdge(Struct, frozen=True):
    """From the node that is read to the one that reads it, by their places; `flow`: what goes along it now."""

    source: int
    target: int
    flow: Flowing


class Drawn(Struct, frozen=True):
    """`nodes` with the inputs first. `said` is what the event at the moment did; `left_out` counts nodes not shown."""

    title: str
    address: str
    said: str
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]
    left_out: int = 0

    @property
    def notice(self) -> str:
        """Says that nodes are left out, empty where none is."""
        return f"… {self.left_out} of {self.left_out + len(self.nodes)} nodes are not shown" if self.left_out else ""


def drawn(trace: Trace, at: int, most: int | None = None, text: Callable[[Array | None], str] = brief) -> Drawn:
    """The graph of the backward that runs at a moment, or runs next; `at` is 0 only for a run without events.

    Of a graph with more than `most` nodes, those nearest to the current one are shown. `text` writes an array.
    """
    graph = trace.graph(at)
    flow = trace.flow(graph, at)
    nodes = shown(graph, flow, most)
    states = trace.node_states(graph, at)
    places = {node.key: place for place, node in enumerate(nodes)}
    return Drawn(
        title=trace.header.title,
        address=trace.address(at) if at else "",
        said=explain(trace, at).title if at else "the run has no events",
        nodes=tuple(_node(trace, graph, node, at, states[node.key], flow, text) for node in nodes),
        edges=tuple(_edges(nodes, places, flow)),
        left_out=len(graph.nodes) - len(nodes),
    )


def shown(graph: Graph, flow: Flow, most: int | None) -> list[GraphNode]:
    """The nodes of a graph, or those nearest to the current one, or else to the root."""
    if most is None or len(graph.nodes) <= most:
        return list(graph.nodes)
    focus = flow.current if flow.current in graph.by_key else None
    near = neighbourhood(
        graph.nodes[-1].key if focus is None else focus,
        {node.key: node.inputs for node in graph.nodes},
        graph.consumers,
        most,
    )
    return [node for node in graph.nodes if node.key in near]


def title_of(node: GraphNode) -> str:
    """A node's name, or `y = mul` for an op; one line of printable characters, cut where it is long."""
    named = node.role in ("op", "root") and node.name
    return clipped(f"{node.name} = {node.label}" if named else node.label)


def function_of(node: GraphNode) -> str:
    """The name of its backward node; a leaf has AccumulateGrad."""
    return clipped(node.node.name) if node.node is not None else "AccumulateGrad" if node.role == "leaf" else ""


def shape_of(node: GraphNode) -> str:
    """Its shape as `2×3`; `[3]` where it has one dimension, which alone would read as a value."""
    if len(node.shape) == 1:
        return f"[{node.shape[0]}]"
    return "×".join(map(str, node.shape)) if node.shape else "scalar"


def clipped(text: str, longest: int = _LONGEST) -> str:
    """The text on one line, without control characters, cut to a number of characters."""
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _node(
    trace: Trace,
    graph: Graph,
    node: GraphNode,
    at: int,
    state: str,
    flow: Flow,
    text: Callable[[Array | None], str],
) -> DrawnNode:
    value = trace.value(node.tensor, at)
    grad = trace.grad(node.tensor, at)
    if grad is None:
        grad = _came_in(trace, graph, node, at)
    return DrawnNode(
        key=node.key,
        role=node.role,
        title=title_of(node),
        function=function_of(node),
        shape=shape_of(node),
        value="" if value is None or state == "not_built" else text(value),
        grad="" if grad is None else text(grad),
        state=state,
        current=node.key == flow.current,
        line=trace.event(node.forward).line if node.forward else 0,
    )


def _came_in(trace: Trace, graph: Graph, node: GraphNode, at: int) -> Array | None:
    """The gradient that came in when the running backward, or the last one, visited an op's node."""
    if node.node is None or not graph.started:
        return None
    visits = [number for number in trace.find(node.node.key, "visit") if graph.started <= number <= at]
    event = trace.event(visits[-1]) if visits else None
    return next((g for g in event.incoming if g is not None), None) if isinstance(event, Visit) else None


def _edges(nodes: list[GraphNode], places: dict[int, int], flow: Flow) -> list[DrawnEdge]:
    flowing = set(flow.edges)
    found: list[DrawnEdge] = []
    for node in nodes:
        for key in node.inputs:
            if key in places:
                there: Flowing = "forward" if (key, node.key) in flowing else ""
                there = "backward" if (node.key, key) in flowing else there
                found.append(DrawnEdge(places[key], places[node.key], there))
    return found
