"""The computation graph at a moment: its nodes and their inputs, the state of each, and what the current event touches.

The graph is that of one backward: everything its roots were computed from. Ops are the nodes that gradients go
through; a tensor that does not require grad is a constant, and what it was computed from is not shown.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from gradb.trace.events import (
    Accumulate,
    BackwardStarted,
    FanIn,
    Forward,
    NodeRef,
    RequiresGrad,
    TensorCreated,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.keys import Keys
from gradb.trace.writes import Cell

if TYPE_CHECKING:
    from gradb.trace.index import Index

Role = Literal["leaf", "constant", "op", "root"]


class GraphNode(Struct, frozen=True):
    """One node. `key` is the backward node's number, or minus the tensor's id for a leaf or a constant. Where two calls
    of one captured function are in the graph, the nodes of the second have larger keys of their own.

    `inputs` are the keys of what it was computed from. `tensor` is the id of the leaf, or of the op's output;
    `forward` the event that made it, 0 where that was not recorded.
    """

    key: int
    label: str
    role: Role
    inputs: tuple[int, ...]
    tensor: int
    node: NodeRef | None
    forward: int
    name: str
    shape: tuple[int, ...]


class Graph(Struct, frozen=True):
    """The nodes, inputs first. `started` is the event at which the backward over this graph begins, 0 if none does.

    `keys` has the keys of nodes that were captured, by `NodeRef.key`.
    """

    nodes: tuple[GraphNode, ...]
    by_key: dict[int, GraphNode]
    consumers: dict[int, tuple[int, ...]]
    started: int
    finished: int
    keys: dict[int, int] = {}

    def key_of(self, state: TensorState) -> int:
        """The key of the node that a tensor's gradient goes to."""
        return -state.id if state.grad_fn is None else self.key(state.grad_fn)

    def key(self, ref: NodeRef) -> int:
        """The key of a node; an AccumulateGrad node stands for its leaf."""
        return self.keys.get(ref.key, ref.key) if ref.call else ref.key


class Flow(NamedTuple):
    """What an event touches: a node, and the edges along which data flows, each from a key to a key."""

    current: int | None
    edges: tuple[tuple[int, int], ...]


NO_FLOW = Flow(None, ())


class Graphs:
    """Builds the graphs of a run, one for each backward, and keeps the last few."""

    _KEPT = 64

    def __init__(self, index: "Index", name: Callable[[int], str]) -> None:
        self._index = index
        self._name = name
        self._graphs: dict[tuple[int, int], Graph] = {}

    def at(self, at: int) -> Graph:
        """The graph of the backward that runs at a moment in this step, or runs next, or else ran last."""
        started, finished = self._pass_at(at)
        key = (started, 0 if started else len(self._index))
        graph = self._graphs.get(key)
        if graph is None or graph.finished != finished:
            if len(self._graphs) >= self._KEPT:
                self._graphs.clear()
            graph = self._graphs[key] = self._build(self._roots(started, at), started, finished)
        return graph

    def states(self, graph: Graph, at: int) -> dict[int, str]:
        """By key: not_built, built, ready, visited or freed."""
        walking = bool(graph.started) and at >= graph.started
        states: dict[int, str] = {}
        for node in reversed(graph.nodes):  # consumers first, so that theirs is known
            states[node.key] = self._state(graph, node, at, walking, states)
        return states

    def flow(self, graph: Graph, at: int) -> Flow:
        """The node and the edges that the event at a moment touches."""
        if not 1 <= at <= len(self._index):
            return NO_FLOW
        match self._index.events[at - 1]:
            case Forward(node=NodeRef() as ref):
                key = graph.key(ref)
                node = graph.by_key.get(key)
                return NO_FLOW if node is None else Flow(key, tuple((i, key) for i in dict.fromkeys(node.inputs)))
            case Visit(node=ref, outgoing=outgoing):
                return self._visit_flow(graph, ref, outgoing)
            case FanIn(node=ref, source=source):
                key = graph.key(ref)
                return Flow(key, ((graph.key(source), key),)) if key in graph.by_key else NO_FLOW
            case BackwardStarted(roots=roots):
                return Flow(next((k for k in map(graph.key_of, roots) if k in graph.by_key), None), ())
            case Accumulate(tensor=state) | Update(tensor=state) | ZeroGrad(tensor=state):
                return Flow(graph.key_of(state) if graph.key_of(state) in graph.by_key else None, ())
            case TensorCreated(tensor=state) | RequiresGrad(tensor=state):
                return Flow(-state.id if -state.id in graph.by_key else None, ())
            case _:
                return NO_FLOW

    def _visit_flow(self, graph: Graph, ref: NodeRef, outgoing: Sequence[object]) -> Flow:
        key = graph.key(ref)
        node = graph.by_key.get(key)
        if node is None:
            return NO_FLOW
        if ref.tensor:
            return Flow(key, tuple((consumer, key) for consumer in graph.consumers.get(key, ())))
        flowing = [i for i, gradient in zip(node.inputs, outgoing, strict=False) if gradient is not None]
        return Flow(key, tuple((key, i) for i in dict.fromkeys(flowing or node.inputs) if _takes_gradient(graph, i)))

    # --- which backward

    def _pass_at(self, at: int) -> tuple[int, int]:
        """The events at which the backward for a moment starts and finishes; 0 where there is none (yet)."""
        first, last = self._index.steps.span(self._index.steps.place(at).step) if at else (0, 0)
        started = self._index.of_kind("backward_started")
        finished = self._index.of_kind("backward_finished")
        here = started[bisect_left(started, first) : bisect_right(started, last)]
        for start in here:
            place = bisect_left(finished, start)
            end = finished[place] if place < len(finished) else 0
            if end == 0 or end >= at or start == here[-1]:
                return start, end
        return 0, 0

    def _roots(self, started: int, at: int) -> list[TensorState]:
        if started:
            event = self._index.events[started - 1]
            assert isinstance(event, BackwardStarted)
            return list(event.roots)
        first, last = self._index.steps.span(self._index.steps.place(at).step) if at else (1, 0)
        made: dict[int, TensorState] = {}
        for number in range(first, last + 1):
            event = self._index.events[number - 1]
            if isinstance(event, Forward) and event.node is not None:
                for state in event.inputs:
                    if isinstance(state, TensorState) and state.grad_fn is not None:
                        made.pop(state.grad_fn.key, None)
                made[event.node.key] = event.outputs[0]
        return list(made.values())

    # --- building

    def _build(self, roots: list[TensorState], started: int, finished: int) -> Graph:
        nodes: dict[int, GraphNode] = {}
        consumers: dict[int, list[int]] = {}
        keys = Keys()
        root_keys = {keys.of(root) for root in roots}
        stack: list[tuple[TensorState, bool]] = [(root, False) for root in reversed(roots)]
        while stack:
            state, inputs_done = stack.pop()
            key = keys.of(state)
            if key in nodes:
                continue
            inputs = self._inputs(state)
            if not inputs_done:
                stack.append((state, True))
                stack.extend((i, False) for i in reversed(inputs) if keys.of(i) not in nodes)
                continue
            node = nodes[key] = self._node(state, key, tuple([keys.of(i) for i in inputs]), key in root_keys)
            for source in dict.fromkeys(node.inputs):
                consumers.setdefault(source, []).append(key)
        users = {key: tuple(consuming) for key, consuming in consumers.items()}
        return Graph(tuple(nodes.values()), nodes, users, started, finished, keys.captured)

    def _inputs(self, state: TensorState) -> list[TensorState]:
        ref = state.grad_fn
        if ref is None or ref.forward == 0:
            return []
        event = self._index.events[ref.forward - 1]
        assert isinstance(event, Forward)
        return _tensors(event.inputs)

    def _node(self, state: TensorState, key: int, inputs: tuple[int, ...], is_root: bool) -> GraphNode:
        ref = state.grad_fn
        if ref is None:
            name = self._name(state.id)
            role: Role = "leaf" if state.requires_grad else "constant"
            made = self._index.first_write(Cell(state.id))
            return GraphNode(key, name, role, (), state.id, None, made or 0, name, state.array.shape)
        if ref.forward:
            event = self._index.events[ref.forward - 1]
            assert isinstance(event, Forward)
            label = event.op.name
        else:
            label = ref.name
        name = self._name(state.id)
        return GraphNode(
            key=key,
            label=label,
            role="root" if is_root else "op",
            inputs=inputs,
            tensor=state.id,
            node=ref,
            forward=ref.forward,
            name="" if "#" in name else name,
            shape=state.array.shape,
        )

    # --- states

    def _state(self, graph: Graph, node: GraphNode, at: int, walking: bool, states: dict[int, str]) -> str:
        if node.forward > at:
            return "not_built"
        if node.role == "constant":
            return "built"
        key = node.key if node.node is None else node.node.key
        if node.node is not None and _any_in(self._index.node_events(key, "freed"), 1, at):
            return "freed"
        if not walking:
            return "built"
        if _any_in(self._index.node_events(key, "visit"), graph.started, at):
            return "visited"
        users = graph.consumers.get(node.key, ())
        if node.role == "root" and not users:
            return "ready"
        return "ready" if users and all(states[user] in ("visited", "freed") for user in users) else "built"


def _any_in(numbers: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(numbers, first)
    return place < len(numbers) and numbers[place] <= last


def _takes_gradient(graph: Graph, key: int) -> bool:
    node = graph.by_key.get(key)
    return node is not None and node.role != "constant"


def _tensors(operands: Sequence[object]) -> list[TensorState]:
    """The tensors among an op's inputs, also those in lists of tensors."""
    found: list[TensorState] = []
    for operand in operands:
        if isinstance(operand, TensorState):
            found.append(operand)
        elif isinstance(operand, tuple):
            found.extend(_tensors(operand))
    return found
