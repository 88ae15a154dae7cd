"""The computation graph at a moment: its nodes and their inputs, with what is known of each.

The graph is that of one backward: everything its roots were computed from. Ops are the nodes that gradients go
through; a tensor that does not require grad is a constant, and what it was computed from is not shown.
"""

from typing import Literal, NamedTuple

from msgspec import Struct

from gradb.trace.events import NodeRef, TensorState

Role = Literal["leaf", "constant", "op", "root", "module"]


class GraphNode(Struct, frozen=True):
    """One node. `key` is the backward node's number, or minus the tensor's id for a leaf or a constant. Where two calls
    of one captured function are in the graph, the nodes of the second have larger keys of their own.

    `inputs` are the keys of what it was computed from. `tensor` is the id of the leaf, or of the op's output;
    `forward` the event that made it, 0 where that was not recorded. `module` is the path of the module that it belongs
    to, empty for none: that of the call in which the op ran, and for a parameter that of the calls that read it.

    `new`: it came to be in this step. `captured`: a graph that was captured ran its op again, with the same ids as
    before. A node may be neither, such as a parameter.
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
    module: str = ""
    new: bool = False
    captured: bool = False


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

    @property
    def modules(self) -> dict[str, tuple[int, ...]]:
        """The keys of the nodes of each module, by its path, with those of the modules in it; outer modules first."""
        found: dict[str, list[int]] = {}
        for node in self.nodes:
            for path in paths_to(node.module):
                found.setdefault(path, []).append(node.key)
        return {path: tuple(found[path]) for path in sorted(found)}

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


def beside(graph: Graph, other: Graph) -> Graph:
    """Both graphs as one; a node that both have is there once. What has been walked is the first."""
    nodes = {**{node.key: node for node in other.nodes}, **graph.by_key}
    ordered = [*graph.nodes, *[node for node in other.nodes if node.key not in graph.by_key]]
    users = dict(graph.consumers)
    for key, consuming in other.consumers.items():
        users[key] = tuple(dict.fromkeys((*users.get(key, ()), *consuming)))
    return Graph(tuple(ordered), nodes, users, graph.started, graph.finished, {**other.keys, **graph.keys})


def paths_to(module: str) -> list[str]:
    """The path of a module and of those around it, the outermost first; none for the empty path."""
    parts = module.split(".") if module else []
    return [".".join(parts[: i + 1]) for i in range(len(parts))]
