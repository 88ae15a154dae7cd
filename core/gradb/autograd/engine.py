"""The backward walk: `backward` accumulates into leaves, `grad` returns the gradients of chosen tensors.

The order is the one that torch 2.13 uses on a CPU: of all nodes that have their whole gradient, the one that was made
last runs first, and AccumulateGrad nodes run before every other.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradb.autograd import complaints, hooks
from gradb.autograd.accumulate import accumulate
from gradb.autograd.gradients import add, fit
from gradb.autograd.mode import mode
from gradb.autograd.node import AccumulateGrad, Edge, Node
from gradb.autograd.ready import count_dependencies, nodes_to_run, pop, push
from gradb.autograd.storage import Storage
from gradb.autograd.tensor import Tensor
from gradb.autograd.views import edge_of
from gradb.trace.events import Array

_ndarray = np.ndarray
_ONES: dict[Any, Array] = {}


def backward(
    tensors: Sequence[Tensor],
    grad_tensors: Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Sums the gradients of `tensors` into the `.grad` of the leaves (only of `inputs`, where given).

    Raises RuntimeError: a root without a graph, an implicit seed for a root of several elements, saved tensors that
    are released or were changed in place.
    """
    seeds = _seeds(tensors, grad_tensors)
    keep = create_graph if retain_graph is None else retain_graph
    only = None
    if inputs is not None:
        wanted = [inputs] if isinstance(inputs, Tensor) else list(inputs)
        if not wanted:
            raise complaints.no_inputs()
        only = {}
        for tensor in wanted:
            if not tensor._requires_grad:
                raise complaints.input_without_requires_grad(tensor)
            tensor.retain_grad()
            node, output_nr = gradient_edge(tensor)
            assert node is not None
            only.setdefault(node, []).append(output_nr)
    _run(tensors, seeds, keep, create_graph, only, None)


def grad(
    outputs: Tensor | Sequence[Tensor],
    inputs: Tensor | Sequence[Tensor],
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The gradients of the sum of `outputs` with respect to each of `inputs`; no `.grad` changes.

    Raises RuntimeError for an input that the outputs do not depend on, unless `allow_unused` (then None stands for it).
    """
    roots = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    wanted = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    given = [grad_outputs] if isinstance(grad_outputs, Tensor) else grad_outputs
    seeds = _seeds(roots, given)
    keep = create_graph if retain_graph is None else retain_graph
    captured: dict[tuple[Node, int], Any] = {}
    edges: list[Edge] = []
    for tensor in wanted:
        if not tensor._requires_grad:
            raise complaints.input_without_requires_grad(tensor)
        edges.append(gradient_edge(tensor))
    only: dict[Node, list[int]] = {}
    for node, output_nr in edges:
        assert node is not None
        only.setdefault(node, []).append(output_nr)
    _run(roots, seeds, keep, create_graph, only, captured)
    results: list[Tensor | None] = []
    for tensor, edge in zip(wanted, edges, strict=True):
        found = captured.get(edge)  # type: ignore[arg-type]
        if found is None:
            if materialize_grads:
                found = np.zeros_like(tensor._array)
            elif not allow_unused:
                raise complaints.unused_input(tensor)
        results.append(_as_tensor(found))
    return tuple(results)


def gradient_edge(tensor: Tensor) -> Edge:
    """Where the gradient of a tensor arrives: its grad_fn, or its AccumulateGrad node."""
    if tensor.grad_fn is not None:
        return tensor.grad_fn, tensor._output_nr
    edge = edge_of(tensor)
    if edge[0] is None:
        raise complaints.no_graph(tensor)
    return edge


def _seeds(roots: Sequence[Tensor], given: Sequence[Any] | None) -> list[Tensor]:
    """The gradient of each root: the given one, or 1 for a root of one element."""
    if given is None:
        given = [None] * len(roots)
    elif len(given) != len(roots):
        raise complaints.seed_count(len(roots), len(given))
    seeds: list[Tensor] = []
    for root, seed in zip(roots, given, strict=True):
        if seed is None:
            if not root._requires_grad:
                raise complaints.no_graph(root)
            if root._array.size != 1:
                raise complaints.implicit_seed(root)
            seed = Tensor._wrap(_one(root._array), None, 0, Storage(0, True))
        elif not isinstance(seed, Tensor):
            raise complaints.seed_kind(seed)
        elif seed._array.shape != root._array.shape:
            raise complaints.seed_shape(root, seed)
        elif not root._requires_grad:
            raise complaints.no_graph(root)
        seeds.append(seed)
    return seeds


def _one(like: Array) -> Array:
    """A 1 in the shape and dtype of an array of one element. Nothing writes into it, so it is made only once."""
    if like.shape:
        return np.ones(like.shape, like.dtype)
    one = _ONES.get(like.dtype)
    if one is None:
        one = _ONES[like.dtype] = np.ones((), like.dtype)
        one.flags.writeable = False
    return one


def _run(
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
        if node.hooks is not None:
            incoming = hooks.before_visit(node, incoming)
        if captured is not None and only is not None and node in only:
            for output_nr in only[node]:
                captured[(node, output_nr)] = incoming[output_nr]
        if running is not None and node not in running:
            continue
        if type(node) is AccumulateGrad:
            _visit_leaf(node, incoming)
            continue
        outgoing = _visit(node, incoming, live)
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
    if mode.recorder is not None:
        mode.recorder.visit(node, incoming, ())
    accumulate(node.variable, incoming[0])
    if node.hooks is not None:
        hooks.after_visit(node, (), incoming)


def _visit(node: Node, incoming: tuple[Any, ...], live: bool) -> Sequence[Any]:
    """Runs one node; returns the gradient for each edge, in the shape and dtype of what the edge leads to."""
    if incoming[0] is None and all(g is None for g in incoming):
        outgoing: list[Any] = [None] * len(node.edges)
    else:
        outgoing = node.compute(incoming, live)
    for i, (target, output_nr) in enumerate(node.edges):
        gradient = outgoing[i]
        if target is None:
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
    return outgoing


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


def _as_tensor(gradient: Any) -> Tensor | None:
    if gradient is None or isinstance(gradient, Tensor):
        return gradient
    tensor = Tensor._wrap(gradient)
    tensor._storage.lent = True
    return tensor


def _backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Walks the graph from this tensor and accumulates gradients into the leaves' `.grad`.

    `gradient` has this tensor's shape; without it the tensor must have one element. Raises RuntimeError when there is
    no graph, or when its saved tensors are gone.
    """
    backward([self], None if gradient is None else [gradient], retain_graph, create_graph, inputs)


Tensor.backward = _backward  # the walk is built on Tensor, so Tensor cannot import it
