"""The graphs of a run: `Graphs.at(moment)` builds that of the backward there, `captured` the static one beside it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import TYPE_CHECKING

from gradb.trace.events import BackwardStarted, Forward, TensorState
from gradb.trace.graph import Graph, beside
from gradb.trace.graph_building import built, built_of_run

if TYPE_CHECKING:
    from gradb.trace.index import Index


class Graphs:
    """Builds the graphs of a run, one for each backward, and keeps the last few."""

    _KEPT = 64

    def __init__(self, index: "Index", name: Callable[[int], str]) -> None:
        self._index = index
        self._name = name
        self._graphs: dict[tuple[int, int], Graph] = {}
        self._static: dict[tuple[int, int], Graph] = {}
        self._pairs: dict[tuple[int, int], tuple[Graph, Graph, Graph]] = {}

    def at(self, at: int) -> Graph:
        """The graph of the backward that runs at a moment in this step, or runs next, or else ran last."""
        started, finished = self._pass_at(at)
        key = (started, 0 if started else len(self._index))
        graph = self._graphs.get(key)
        if graph is None or graph.finished != finished:
            if len(self._graphs) >= self._KEPT:
                self._graphs.clear()
            first, _ = self._span(started or at)
            graph = built(self._index, self._name, self._roots(started, at), started, finished, first)
            self._graphs[key] = graph
        return graph

    def captured(self, at: int) -> Graph | None:
        """The graph that `torch.jit.trace` captured, as it ran last up to a moment; None before the first capture."""
        numbers = self._index.node_events(0, "captured")
        place = bisect_right(numbers, at)
        if not place:
            return None
        events = self._index.events
        run = _run_of(events[numbers[place - 1] - 1])
        first = last = place - 1
        while first and _run_of(events[numbers[first - 1] - 1]) == run:
            first -= 1
        while last + 1 < len(numbers) and _run_of(events[numbers[last + 1] - 1]) == run:
            last += 1
        key = numbers[first], numbers[last]
        if key not in self._static:
            if len(self._static) >= self._KEPT:
                self._static.clear()
            self._static[key] = built_of_run(self._index, self._name, numbers[first : last + 1])
        return self._static[key]

    # --- which backward

    def both(self, at: int) -> Graph:
        """The graph at a moment with the captured one beside it, where that is another."""
        graph, static = self.at(at), self.captured(at)
        if static is None or any(node.key in graph.by_key for node in static.nodes if node.captured):
            return graph
        key = id(graph), id(static)  # both are kept as long as their pair
        if key not in self._pairs:
            if len(self._pairs) >= self._KEPT:
                self._pairs.clear()
            self._pairs[key] = (graph, static, beside(graph, static))
        return self._pairs[key][2]

    def _pass_at(self, at: int) -> tuple[int, int]:
        """The events at which the backward for a moment starts and finishes; 0 where there is none (yet)."""
        first, last = self._span(at)
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
        first, last = self._span(at)
        made: dict[int, TensorState] = {}
        for number in range(max(first, 1), last + 1):
            event = self._index.events[number - 1]
            if isinstance(event, Forward) and event.node is not None:
                for state in event.inputs:
                    if isinstance(state, TensorState) and state.grad_fn is not None:
                        made.pop(state.grad_fn.key, None)
                made[event.node.key] = event.outputs[0]
        return list(made.values())

    def _span(self, at: int) -> tuple[int, int]:
        """The first and last event of the step of an event."""
        return self._index.steps.span(self._index.steps.place(at).step) if at else (0, 0)


def _run_of(event: object) -> int:
    return event.run if isinstance(event, Forward) else 0
