"""Which modules a reader has folded: `Folds.of(graph)` gives the graph with their calls as boxes.

What was folded or unfolded is kept by the module's path, so it holds in every step. A graph with few nodes begins
unfolded, a larger one with its modules folded as deep as the boxes stay few.
"""

from gradb.trace.folding import Folded, depth_that_fits, fold, modules_at
from gradb.trace.graph import Graph, GraphNode, paths_to

from gradb_tui.graph.fitting import WHOLE

_FEW = 20  # a graph that begins folded shows about so many nodes
_KEPT = 64


class Folds:
    """The reader's choices, and the last folded graphs."""

    def __init__(self) -> None:
        self._closed: dict[str, bool] = {}
        self._folded: dict[int, tuple[Graph, Folded]] = {}  # by id, which is the graph's as long as it is kept here
        self._starts: dict[int, tuple[Graph, frozenset[str]]] = {}

    def of(self, graph: Graph) -> Folded:
        """The graph as it is folded now."""
        known = self._folded.get(id(graph))
        if known is None:
            if len(self._folded) >= _KEPT:
                self._folded.clear()
            closed, start = self._closed, self._start(graph)
            known = self._folded[id(graph)] = graph, fold(graph, lambda path: closed.get(path, path in start))
        return known[1]

    def _start(self, graph: Graph) -> frozenset[str]:
        """The modules that a graph begins with folded: those of one depth, and those that do not reach it."""
        known = self._starts.get(id(graph))
        if known is None:
            if len(self._starts) >= _KEPT:
                self._starts.clear()
            folds = len(graph.nodes) > WHOLE and any(node.module for node in graph.nodes)
            depth = depth_that_fits(graph, _FEW) if folds else 0
            known = self._starts[id(graph)] = graph, modules_at(graph, depth) if depth else frozenset[str]()
        return known[1]

    def toggle(self, graph: Graph, key: int) -> int | None:
        """Opens the box, or closes the innermost module around a node; returns the node to go to, None for none."""
        folded = self.of(graph)
        node = folded.graph.by_key.get(key)
        if node is None or not node.module:
            return None
        opens = node.role == "module"
        self._closed[node.module] = not opens
        if opens:
            for path in self._within(graph, node):  # what was folded in it by itself shows now
                self._closed.setdefault(path, False)
        self._folded.clear()
        inside = folded.members[key][0] if opens else key
        return self.of(graph).places.get(inside)

    def _within(self, graph: Graph, box: GraphNode) -> list[str]:
        return [path for path in graph.modules if path.startswith(f"{box.module}.")]

    def toggle_all(self, graph: Graph) -> bool:
        """Opens every box, or where there is none closes the modules below the outermost. False without modules."""
        paths = {path for node in graph.nodes for path in paths_to(node.module)}
        if self.of(graph).members:
            self._closed.update(dict.fromkeys(paths, False))
        else:
            inner = modules_at(graph, 2)
            self._closed.update({path: path in inner for path in paths})
        self._folded.clear()
        return bool(paths)
