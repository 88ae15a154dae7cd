"""What stands in and beside the nodes of the graph: the value of one element, and norms of gradients in backward."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from gradb.trace.events import Array, Visit
from gradb.trace.folding import Folded
from gradb.trace.graph import Graph, GraphNode
from gradb.trace.trace import Trace


class Details(Mapping[int, str]):
    """By key, read only for the nodes that are drawn. Norms are kept, as their events never change."""

    def __init__(self, trace: Trace, graph: Graph, at: int, norms: dict[tuple[int, int], str]) -> None:
        self._trace, self._graph, self._at, self._norms = trace, graph, at, norms

    def __getitem__(self, key: int) -> str:
        node = self._graph.by_key[key]
        gradient = self._gradient(node)
        if gradient:
            return gradient
        if node.shape and np.prod(node.shape) != 1:
            raise KeyError(key)
        value = self._trace.value(node.tensor, self._at)
        if value is None or value.size != 1:
            raise KeyError(key)
        return f"{float(value.reshape(())[()]):.4g}"

    def __iter__(self) -> Iterator[int]:
        return iter(self._graph.by_key)

    def __len__(self) -> int:
        return len(self._graph.by_key)

    def gradient_on(self, source: int, reader: int) -> str:
        """The norm of what the reader's visit sent to a node that it reads, empty before that."""
        node = self._graph.by_key[reader]
        number = self._visit(node)
        if number is None or source not in node.inputs:
            return ""
        place = node.inputs.index(source)
        if (number, place) not in self._norms:
            event = self._trace.events[number - 1]
            sent = event.outgoing if isinstance(event, Visit) else ()
            own = [g for g, one in zip(sent, node.inputs, strict=False) if one == source and g is not None]
            self._norms[number, place] = _norm(own, 2) if own else ""
        return self._norms[number, place]

    def reads(self, reader: int, source: int) -> bool:
        """Whether a node reads another."""
        return source in self._graph.by_key[reader].inputs

    def _gradient(self, node: GraphNode) -> str:
        """The norm of what came in when the running backward, or the last, visited the node; empty before that."""
        number = self._visit(node)
        if number is None:
            return ""
        if (number, -1) not in self._norms:
            event = self._trace.events[number - 1]
            self._norms[number, -1] = _norm(event.incoming if isinstance(event, Visit) else ())
        return self._norms[number, -1]

    def _visit(self, node: GraphNode) -> int | None:
        """The last visit of a node up to now in the backward over the graph."""
        if not self._graph.started:
            return None
        visited = self._trace.find(node.key if node.node is None else node.node.key, "visit")
        place = bisect_right(visited, self._at)
        return visited[place - 1] if place and visited[place - 1] >= self._graph.started else None


class FoldedDetails(Mapping[int, str]):
    """The same of a folded graph. A box says how many ops it has, and then the norm of the gradient that reached it."""

    def __init__(self, details: Mapping[int, str], folded: Folded) -> None:
        self._details, self._folded = details, folded

    def __getitem__(self, key: int) -> str:
        members = self._folded.members.get(key)
        if members is None:
            return self._details[key]
        last = self._details.get(self._folded.whole(key), "")
        count = sum(one > 0 for one in members)  # leaves have keys below 0
        return last if last.startswith("∇") else f"{count} op{'s' * (count > 1)}"

    def __iter__(self) -> Iterator[int]:
        return iter(self._folded.graph.by_key)

    def __len__(self) -> int:
        return len(self._folded.graph.by_key)

    def gradient_on(self, source: int, reader: int) -> str:
        """The norm of the gradient that went from a reader to a node; empty where a box read it several times."""
        details = self._details
        if not isinstance(details, Details):
            return ""
        own = self._folded.whole(source)
        readers = [one for one in self._folded.members.get(reader, (reader,)) if details.reads(one, own)]
        return details.gradient_on(own, readers[0]) if len(readers) == 1 else ""


def _norm(gradients: Sequence[Array | None], digits: int = 3) -> str:
    return f"∇{sum(map(_square, gradients)) ** 0.5:.{digits}g}"


def _square(gradient: Array | None) -> float:
    if gradient is None:
        return 0.0
    values = gradient.astype(np.float64).ravel()
    return float(np.vdot(values, values))
