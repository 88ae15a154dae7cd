"""The state of each node of a graph at a moment: `NodeStates` finds it where somebody asks."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gradb.trace.graph import Graph, GraphNode

if TYPE_CHECKING:
    from gradb.trace.index import Index


class NodeStates(Mapping[int, str]):
    """By key: `not_built`, `built`, `ready` (its gradient is complete), `visited` or `freed`.

    A large graph is mostly out of sight, so that a key press costs what is asked for.
    """

    def __init__(self, index: "Index", graph: Graph, at: int) -> None:
        self._index, self._graph, self._at = index, graph, at
        self._walking = bool(graph.started) and at >= graph.started
        self._known: dict[int, str] = {}

    def __getitem__(self, key: int) -> str:
        state = self._known.get(key)
        if state is None:
            state = self._known[key] = self._state(self._graph.by_key[key])
        return state

    def __iter__(self) -> Iterator[int]:
        return iter(self._graph.by_key)

    def __len__(self) -> int:
        return len(self._graph.by_key)

    def _state(self, node: GraphNode) -> str:
        if node.forward > self._at:
            return "not_built"
        if node.role == "constant":
            return "built"
        if self._is_freed(node):
            return "freed"
        if not self._walking:
            return "built"
        if self._is_visited(node):
            return "visited"
        users = [self._graph.by_key[key] for key in self._graph.consumers.get(node.key, ())]
        if not users:
            return "ready" if node.role == "root" else "built"
        return "ready" if all(self._is_visited(user) for user in users) else "built"

    def _is_freed(self, node: GraphNode) -> bool:
        return node.node is not None and _any_in(self._index.node_events(node.node.key, "freed"), 1, self._at)

    def _is_visited(self, node: GraphNode) -> bool:
        if not self._walking or node.forward > self._at:
            return False
        key = node.key if node.node is None else node.node.key
        return _any_in(self._index.node_events(key, "visit"), self._graph.started, self._at)


def _any_in(numbers: Sequence[int], first: int, last: int) -> bool:
    place = bisect_left(numbers, first)
    return place < len(numbers) and numbers[place] <= last
