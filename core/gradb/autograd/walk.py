"""The walk through the graph: `run` visits each node when its gradient is whole, and tells the recorder.

The order is the one that torch 2.13 uses on a CPU: of all nodes that have their whole gradient, the one that was made
last runs first, and AccumulateGrad nodes run before every other.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradb.autograd import anomaly, backward_complaints, hooks
from gradb.autograd.accumulate import accumulate
from gradb.autograd.gradients import add, fit
from gradb.autograd.mode import mode
from gradb.autograd.node import AccumulateGrad, Edge, Node
from gradb.autograd.ready import count_dependencies, nodes_to_run, pop, push
from gradb.autograd.tensor import Tensor
from gradb.autograd.views import edge_of

_ndarray = np.ndarray


def gradient_edge(tensor: Tensor) -> Edge:
    """Where the gradient of a tensor arrives: its grad_fn, or its AccumulateGrad node."""
    if tensor.grad_fn is not None:
        return tensor.grad_fn, tensor._output_nr
    edge = edge_of(tensor)
    if edge[0] is None:
        raise backward_complaints.no_graph(tensor)
    return edge


def run(
    roots: Sequence[Tensor],
    seeds: list[Tensor],
    keep: bool,
    live: bool,
    only: dict[Node, list[int]] | None,
    captured: dict[tuple[Node, int], Any] | None,
) -> None:
    """Walks the graph. `live`: gradients are tensors with a graph of their own. `only`: the nodes to reach.
    `captured`: where to put what arrives at them instead of running them."""
    recorder = mode.recorder
    if recorder is not None:
        recorder.backward_started(roots, seeds, keep)
    freed: list[Node] = []
    before = mode.grad_enabled
    mode.grad_enabled = live
    try:
        _walk(roots, seeds, keep, live, only, captured, freed)
    finally:
        mode.grad_enabled = before
        if recorder is not None:
            recorder.backward_finished(freed)


def _walk(
    roots: Sequence[Tensor],
    seeds: list[Tensor],
    keep: bool,
    live: bool,
    only: dict[Node, list[int]] | None,
    captured: dict[tuple[Node, int], Any] | None,
    freed: list[Node],
) -> None:
    edges = [gradient_edge(root) for root in roots]
    dependencies = count_dependencies(edges)
    running, reached = (None, None) if only is None else nodes_to_run(only, edges, captured is None)
    buffers: dict[Node, Any] = {}
    ready: list[Node] = []
    for (node, output_nr), seed in zip(edges, seeds, strict=True):
        assert node is not None
        seed._storage.lent = True  # a seed may become some leaf's .grad: neither may write into the other's array
        gradient: Any = seed if live else seed._array
        if gradient.dtype is not node.dtype and node.metas is None:
            gradient = fit(gradient, node.shape, node.dtype)
        if node.metas is None and node not in buffers:
            buffers[node] = gradient
        else:
            _deliver(buffers, node, output_nr, gradient, None)
        if len(edges) > 1:
            dependencies[node] -= 1
        if dependencies[node] == 0 and (reached is None or node in reached):
            push(ready, node)
    while ready:
        node = ready.pop() if len(ready) == 1 else pop(ready)
        arrived = buffers.pop(node)
        incoming = (arrived,) if node.metas is None else tuple(arrived)
        if running is not None and only is not None:
            runs = node in running
            if not runs and node.hooks is not None:
                incoming = hooks.on_arrival(node, incoming)
            if captured is not None and node in only:  # as in torch, before the hooks of a node that will run
                for output_nr in only[node]:
                    captured[(node, output_nr)] = incoming[output_nr]
            if not runs:
                continue
        if node.hooks is not None:
            incoming = hooks.on_arrival(node, incoming)
        if type(node) is AccumulateGrad:
            _visit_leaf(node, incoming)
            continue
        outgoing = _visit(node, incoming, live, reached)
        if not keep and node.keeps and node.release():
            freed.append(node)
        for edge, gradient in zip(node.edges, outgoing):  # noqa: B905 (both are checked where they are made)
            target = edge[0]
            if target is None:
                continue
            remaining = dependencies[target] = dependencies[target] - 1
            if reached is not None and target not in reached:
                continue
            if target.metas is None and target not in buffers:
                buffers[target] = gradient
            else:
                _deliver(buffers, target, edge[1], gradient, node)
            if remaining == 0:
                if ready:
                    push(ready, target)
                else:
                    ready.append(target)


def _visit_leaf(node: AccumulateGrad, incoming: tuple[Any, ...]) -> None:
    """Writes what arrived into the leaf's `.grad`."""
    if incoming[0] is None or not node.variable._requires_grad:  # it may have been detached since
        return
    if node.hooks is not None:
        incoming = hooks.before_visit(node, incoming)
    if mode.recorder is not None:
        mode.recorder.visit(node, incoming, ())
    accumulate(node.variable, incoming[0])
    if node.hooks is not None:
        hooks.after_visit(node, (), incoming)


def _visit(node: Node, incoming: tuple[Any, ...], live: bool, reached: set[Node] | None) -> Sequence[Any]:
    """Runs one node; returns the gradient for each edge, in the shape and dtype of what the edge leads to.

    As in torch it is None where no target lies behind; only an op on a list of tensors computes all or none, and a
    program's own Function gives what its backward returned.
    """
    if node.hooks is not None:
        incoming = hooks.before_visit(node, incoming)
    if incoming[0] is None and all(g is None for g in incoming):
        outgoing: list[Any] = [None] * len(node.edges)
    else:
        outgoing = node.compute(incoming, live)
    for i, (target, output_nr) in enumerate(node.edges):
        gradient = outgoing[i]
        if target is None or (reached is not None and target not in reached and not _on_list(node)):
            if node.op is not None:
                outgoing[i] = None
        elif gradient is not None:
            if target.metas is None:
                shape, dtype = target.shape, target.dtype
            else:
                shape, dtype = target.metas[output_nr]
            if gradient.shape != shape or gradient.dtype is not dtype:
                outgoing[i] = fit(gradient, shape, dtype)
            elif type(gradient) is not _ndarray and not live:
                outgoing[i] = np.asarray(gradient)  # numpy gives numbers where the result has no dims
    if node.hooks is not None:
        outgoing = hooks.after_visit(node, outgoing, incoming)
    if mode.recorder is not None:
        mode.recorder.visit(node, incoming, outgoing)
    if mode.detects_nan:
        anomaly.check(node, outgoing)
    return outgoing


def _on_list(node: Node) -> bool:
    return node.op is not None and node.op.variadic


def _deliver(buffers: dict[Node, Any], node: Node, output_nr: int, gradient: Any, source: Node | None) -> None:
    """Adds a gradient to a node's input buffer: the first is moved in, later ones are summed in order of arrival.

    The buffer of a node with one output is the gradient itself, else a list with one for each output.
    """
    if node.metas is None:
        there = buffers.get(node)
    else:
        buffer = buffers.get(node)
        if buffer is None:
            buffer = buffers[node] = [None] * len(node.metas)
        there = buffer[output_nr]
    if there is None or gradient is None:
        total = gradient if there is None else there
    else:
        total = add(there, gradient)
        if mode.recorder is not None and source is not None:
            mode.recorder.fan_in(node, output_nr, gradient, source, total)
    if node.metas is None:
        buffers[node] = total
    else:
        buffers[node][output_nr] = total
