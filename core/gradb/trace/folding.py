"""A graph with the nodes of one module's call as one box: `fold(graph, closed)` gives the smaller graph.

The nodes that one call made in a row become one node of the role `module`. Between two calls of a module other nodes
may read the first and be read by the second, so each call is a box of its own; then no edges run in a circle.
"""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gradb.trace.graph import Flow, Graph, GraphNode, paths_to

Call = tuple[str, int]  # a module's path, and which of its calls, from 0
BOX = 1 << 61  # in the key of a box, beside the key of the node that it begins with


class Folded(Struct, frozen=True):
    """`graph` is the smaller graph, `places` has for the key of each node of the whole one the key that stands for it,
    and `members` for the key of each box the keys of the nodes in it, inputs first."""

    graph: Graph
    places: Mapping[int, int]
    members: Mapping[int, tuple[int, ...]]

    def flow(self, flow: Flow) -> Flow:
        """What flows in the smaller graph; within a box nothing does."""
        current = None if flow.current is None else self.places.get(flow.current)
        edges = [(self.places.get(a, a), self.places.get(b, b)) for a, b in flow.edges]
        return Flow(current, tuple(dict.fromkeys([edge for edge in edges if edge[0] != edge[1]])))

    def whole(self, key: int) -> int:
        """The node of the whole graph that stands for a box: the one whose value leaves it last."""
        return self.members[key][-1] if key in self.members else key


def calls_of(graph: Graph) -> dict[int, tuple[Call, ...]]:
    """By key of each node made in a module's call: the calls that it belongs to, the outermost first."""
    found: dict[int, tuple[Call, ...]] = {}
    counts: dict[str, int] = {}
    before: frozenset[str] = frozenset()
    for node in _in_time([node for node in graph.nodes if node.inputs or node.node is not None]):
        paths = paths_to(node.module)
        for path in paths:
            if path not in before:
                counts[path] = counts.get(path, -1) + 1
        found[node.key] = tuple([(path, counts[path]) for path in paths])
        before = frozenset(paths)
    for node in graph.nodes:  # a leaf is in the calls that all its readers are in
        if node.key not in found and node.module:
            readers = [found.get(user, ()) for user in graph.consumers.get(node.key, ())]
            inside = set(paths_to(node.module))
            shared = [level[0] for level in zip(*readers, strict=False) if len(set(level)) == 1]
            found[node.key] = tuple([call for call in shared if call[0] in inside])
    return found


def fold(graph: Graph, closed: Callable[[str], bool]) -> Folded:
    """The graph with a box for each call of the modules that are closed, by their paths."""
    boxes: dict[Call, list[GraphNode]] = {}
    if not any(node.module for node in graph.nodes):
        return Folded(graph, {node.key: node.key for node in graph.nodes}, {})
    calls = calls_of(graph)
    ordered = _in_time(graph.nodes, graph)
    for node in ordered:
        call = next((call for call in calls.get(node.key, ()) if closed(call[0])), None)
        if call is not None:
            boxes.setdefault(call, []).append(node)
    # A box of leaves alone says nothing of a call.
    folded = {call: nodes for call, nodes in boxes.items() if any(node.node is not None for node in nodes)}
    if not folded:
        return Folded(graph, {node.key: node.key for node in graph.nodes}, {})
    keys = {call: BOX | _ops(nodes)[0].key for call, nodes in folded.items()}
    members = {keys[call]: tuple([node.key for node in nodes]) for call, nodes in folded.items()}
    places = {node.key: node.key for node in graph.nodes}
    places.update({inside: key for key, own in members.items() for inside in own})
    nodes: dict[int, GraphNode] = {}
    by_box = {keys[call]: (call, own) for call, own in folded.items()}
    last = {own[-1].key: key for key, (_, own) in by_box.items()}
    for node in ordered:
        place = places[node.key]
        if place == node.key:
            nodes[place] = _moved(node, places)
        elif last.get(node.key) == place:
            call, own = by_box[place]
            nodes[place] = _box(place, call[0], own, places)
    consumers: dict[int, list[int]] = {}
    for node in nodes.values():
        for source in dict.fromkeys(node.inputs):
            consumers.setdefault(source, []).append(node.key)
    users = {key: tuple(own) for key, own in consumers.items()}
    smaller = Graph(tuple(nodes.values()), nodes, users, graph.started, graph.finished, graph.keys)
    return Folded(smaller, places, members)


def modules_at(graph: Graph, depth: int) -> frozenset[str]:
    """The modules of a depth, the outermost being 1, and those above it that have no module in them."""
    paths = {path for node in graph.nodes for path in paths_to(node.module)}
    outer = {path.rpartition(".")[0] for path in paths}
    return frozenset([p for p in paths if p.count(".") + 1 == depth or (p.count(".") + 1 < depth and p not in outer)])


def depth_that_fits(graph: Graph, most: int) -> int:
    """The greatest depth whose modules must be closed to leave so many nodes, or else the one that leaves fewest."""
    calls = calls_of(graph)
    best, fewest = 0, len(graph.nodes)
    for depth in range(max(map(len, calls.values()), default=0), 0, -1):
        closed = modules_at(graph, depth)
        shown = {
            next((call for call in calls.get(node.key, ()) if call[0] in closed), node.key) for node in graph.nodes
        }
        if len(shown) <= most:
            return depth
        if len(shown) < fewest:
            best, fewest = depth, len(shown)
    return best


def _in_time(nodes: Sequence[GraphNode], graph: Graph | None = None) -> list[GraphNode]:
    """Nodes in the order in which they were made, leaves just before their first reader: inputs first, too."""

    def made(node: GraphNode) -> tuple[int, bool]:
        if node.node is not None or node.inputs or graph is None:
            return node.forward, True
        readers = [graph.by_key[user].forward for user in graph.consumers.get(node.key, ())]
        return min(readers, default=node.forward), False

    return sorted(nodes, key=made)


def _ops(nodes: Sequence[GraphNode]) -> list[GraphNode]:
    return [node for node in nodes if node.node is not None]


def _moved(node: GraphNode, places: Mapping[int, int]) -> GraphNode:
    inputs = tuple([places[key] for key in node.inputs])
    return node if inputs == node.inputs else replace(node, inputs=inputs)


def _box(key: int, path: str, own: Sequence[GraphNode], places: Mapping[int, int]) -> GraphNode:
    ops = _ops(own)
    outer, _, label = path.rpartition(".")
    if label.isdecimal():  # a place in a list says little without the list's name
        label = f"{outer.rpartition('.')[2]}.{label}"
    inputs = dict.fromkeys([places[source] for node in own for source in node.inputs])
    return GraphNode(
        key=key,
        label=label,
        role="module",
        inputs=tuple([source for source in inputs if source != key]),
        tensor=ops[-1].tensor,
        node=None,
        forward=ops[0].forward,
        name=ops[-1].name,
        shape=ops[-1].shape,
        module=path,
        new=all(node.new for node in ops),
        captured=all(node.captured for node in ops),
    )
