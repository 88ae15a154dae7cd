"""What stands in the boxes of the graph: the value of one element, and in backward the norm of the gradient there."""

from collections.abc import Iterator, Mapping

import numpy as np
from gradb.trace.events import Array, Visit
from gradb.trace.graph import Graph
from gradb.trace.trace import Trace


class Details(Mapping[int, str]):
    """By key, read only for the nodes that are drawn. Norms are kept, as their events never change."""

    def __init__(self, trace: Trace, graph: Graph, at: int, norms: dict[int, str]) -> None:
        self._trace, self._graph, self._at, self._norms = trace, graph, at, norms

    def __getitem__(self, key: int) -> str:
        node = self._graph.by_key[key]
        gradient = self._gradient(key)
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

    def _gradient(self, key: int) -> str:
        """The norm of what came in when the running backward, or the last, visited the node; empty before that."""
        ref = self._graph.by_key[key].node
        visited = self._trace.find(key if ref is None else ref.key, "visit")
        visits = [n for n in visited if self._graph.started <= n <= self._at]
        if not visits or not self._graph.started:
            return ""
        number = visits[-1]
        if number not in self._norms:
            event = self._trace.events[number - 1]
            incoming = event.incoming if isinstance(event, Visit) else ()
            self._norms[number] = f"∇{sum(map(_square, incoming)) ** 0.5:.3g}"
        return self._norms[number]


def _square(gradient: Array | None) -> float:
    if gradient is None:
        return 0.0
    values = gradient.astype(np.float64).ravel()
    return float(np.vdot(values, values))
