"""The gradients that reached a node or a leaf in one backward: `contributions(trace, key, 0, started, at)`.

A key is that of a backward node (`NodeRef.key`), or minus the id of a leaf for its AccumulateGrad nodes.
"""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np

from gradb.trace.events import (
    Array,
    BackwardStarted,
    Forward,
    NodeRef,
    TensorState,
    Visit,
)
from gradb.trace.substitution import inputs_of
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell

Target = tuple[int, int]  # a key, and which output of that node


class Contribution(NamedTuple):
    """A gradient that arrived: at which event it was sent, by which edge of the node visited there, and the array.

    For the seed of a root the event is the start of the backward, and `edge` is the place among the roots.
    """

    event: int
    edge: int
    gradient: Array
    is_seed: bool = False


def target_of(state: TensorState) -> Target:
    """Where the gradient of a tensor arrives."""
    return (-state.id, 0) if state.grad_fn is None else (state.grad_fn.key, state.output_nr)


def forward_of(trace: Trace, node: NodeRef) -> Forward | None:
    """The op that made a node, None where that was not recorded."""
    event = trace.events[node.forward - 1] if node.forward else None
    return event if isinstance(event, Forward) else None


def start_of_pass(trace: Trace, at: int) -> int:
    """The event at which the last backward up to a moment begins, 0 where there was none."""
    started = trace.of_kind("backward_started")
    place = bisect_right(started, at)
    return started[place - 1] if place else 0


def end_of_pass(trace: Trace, started: int) -> int:
    """The event at which that backward ends; the last event there is while it runs."""
    finished = trace.of_kind("backward_finished")
    place = bisect_left(finished, started)
    return finished[place] if place < len(finished) else len(trace)


def edge_targets(trace: Trace, node: NodeRef) -> list[tuple[str, TensorState | None, Target | None]]:
    """Of each edge of a node: the op's parameter, the tensor given for it, and where its gradient goes.

    The list is empty for a node whose forward op was not recorded.
    """
    forward = forward_of(trace, node)
    if forward is None:
        return []
    edges: list[tuple[str, TensorState | None, Target | None]] = []
    for name, operand in inputs_of(forward):
        if isinstance(operand, TensorState):
            edges.append((name, operand, target_of(operand) if operand.requires_grad else None))
        else:
            edges.append((name, None, None))
    if forward.in_place and node.name == "CopySlices" and edges:
        base = _base_before(trace, forward, node)
        if base is not None:
            edges[0] = (edges[0][0], base, target_of(base))
    return edges


def _base_before(trace: Trace, forward: Forward, node: NodeRef) -> TensorState | None:
    """The base of the view that an op wrote into, as it was before: CopySlices sends its first gradient there."""
    for state in forward.aliases:
        if state.grad_fn is not None and state.grad_fn.key == node.key:
            writes = trace.writes(Cell(state.id))
            place = bisect_left(writes, node.forward)
            return trace.state(state.id, writes[place - 1]) if place else None
    return None


def contributions(trace: Trace, target: Target, started: int, at: int) -> list[Contribution]:
    """What the backward that began at `started` had sent to a target by a moment, in order of time."""
    found: list[Contribution] = []
    begin = trace.events[started - 1]
    assert isinstance(begin, BackwardStarted)
    for place, (root, seed) in enumerate(zip(begin.roots, begin.seeds, strict=True)):
        if target_of(root) == target:
            found.append(Contribution(started, place, seed, True))
    last = min(at, end_of_pass(trace, started))
    visits = trace.of_kind("visit")
    unknown: list[Contribution] = []
    for number in visits[bisect_right(visits, started) : bisect_right(visits, last)]:
        visit = trace.events[number - 1]
        assert isinstance(visit, Visit)
        if visit.node.tensor:
            continue
        edges = edge_targets(trace, visit.node)
        for edge, gradient in enumerate(visit.outgoing):
            if gradient is None:
                continue
            if edge >= len(edges):
                unknown.append(Contribution(number, edge, gradient))
            elif edges[edge][2] == target:
                found.append(Contribution(number, edge, gradient))
    return sorted(found + _matching(trace, target, started, last, found, unknown), key=_when) if unknown else found


def _matching(
    trace: Trace, target: Target, started: int, last: int, found: list[Contribution], unknown: list[Contribution]
) -> list[Contribution]:
    """Of the gradients that were sent to places which the trace does not know, the one that is missing here."""
    arrived = _incoming(trace, target, started, last)
    if arrived is None:
        return []
    rest = arrived - sum([one.gradient for one in found]) if found else arrived
    if not np.any(np.abs(rest) > 1e-6 * np.abs(arrived)):
        return []
    same = [one for one in unknown if one.gradient.shape == rest.shape]
    return [one for one in same if np.allclose(one.gradient, rest, rtol=1e-4, atol=1e-7)][:1]


def _when(contribution: Contribution) -> tuple[int, int]:
    return contribution.event, contribution.edge


def _incoming(trace: Trace, target: Target, started: int, last: int) -> Array | None:
    """What a node got at its visit in this pass."""
    number = visit_in(trace, target[0], started, last)
    if not number:
        return None
    visit = trace.events[number - 1]
    assert isinstance(visit, Visit)
    return visit.incoming[target[1]] if target[1] < len(visit.incoming) else None


def visit_in(trace: Trace, key: int, started: int, last: int) -> int:
    """The event at which a node was visited in a stretch of events, 0 where it was not."""
    numbers = trace.find(key, "visit")
    place = bisect_left(numbers, started)
    return numbers[place] if place < len(numbers) and numbers[place] <= last else 0
