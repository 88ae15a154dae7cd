"""The backward walk: `backward` accumulates into leaves, `grad` returns the gradients of chosen tensors.

The order is the one that torch 2.13 uses on a CPU: of all nodes that have their whole gradient, the one that was made
last runs first, and AccumulateGrad nodes run before every other.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gradb.autograd import complaints, hooks
from gradb.autograd.accumulate import accumulate
from gradb.autograd.gradients import add, fit
from gradb.autograd.mode import mode
from gradb.autograd.node import AccumulateGrad, Edge, Node
from gradb.autograd.ready import pop, push
from gradb.autograd.tensor import Tensor

Targets = dict[tuple[Node, int], list[int]]


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
        only = {gradient_edge(tensor)[0]: [] for tensor in wanted}
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
    if not tensor._requires_grad:
        raise complaints.no_graph(tensor)
    return tensor._accumulator(), 0


def _seeds(roots: Sequence[Tensor], given: Sequence[Tensor | None] | None) -> list[Tensor]:
    seeds: list[Tensor] = []
    for i, root in enumerate(roots):
        seed = given[i] if given is not None else None
        if seed is None:
            if not root._requires_grad:
                raise complaints.no_graph(root)
            if root._array.size != 1:
                raise complaints.implicit_seed(root)
            seed = Tensor._wrap(np.ones(root._array.shape, root._array.dtype))
        else:
            if seed._array.shape != root._array.shape:
                raise complaints.seed_shape(root, seed)
            if not root._requires_grad:
                raise complaints.no_graph(root)
        seeds.append(seed)
    return seeds


def _run(
    roots: Sequence[Tensor],
    seeds: list[Tensor],
    keep: bool,
    live: bool,
    only: dict[Node, list[int]] | None,
    captured: dict[tuple[Node, int], Any] | None,
) -> None:
    """Walks the graph. `live`: gradients are tensors with a graph of their own. `only`: the nodes to reach.
    `captured`: where to put what arrives at them instead of running AccumulateGrad."""
    recorder = mode.recorder
    if recorder is not None:
        recorder.backward_started(roots, seeds, keep)
    for seed in seeds:
        seed._storage.lent = True  # a seed may become some leaf's .grad: neither may write into the other's array
    edges = [gradient_edge(root) for root in roots]
    dependencies = _dependencies(edges)
    needed = None if only is None else _leading_to(set(only), edges)
    buffers: dict[Node, list[Any]] = {}
    ready: list[Node] = []
    freed: list[Node] = []
    for edge, seed in zip(edges, seeds, strict=True):
        node, output_nr = edge
        assert node is not None
        first = node not in buffers
        _deliver(buffers, node, output_nr, seed if live else seed._array, None)
        if len(edges) > 1:
            dependencies[node] -= 1
            if dependencies[node] == 0:
                push(ready, node)
        elif first:
            push(ready, node)
    before = mode.grad_enabled
    mode.grad_enabled = live
    try:
        while ready:
            node = pop(ready)
            incoming = tuple(buffers.pop(node))
            if needed is not None and node not in needed:
                continue
            outgoing = _visit(node, incoming, live, only, captured)
            if not keep and node.release():
                freed.append(node)
            for (target, output_nr), gradient in zip(node.edges, outgoing, strict=True):
                if target is None:
                    continue
                if gradient is not None or target not in buffers:
                    _deliver(buffers, target, output_nr, gradient, node)
                remaining = dependencies[target] - 1
                dependencies[target] = remaining
                if remaining == 0:
                    push(ready, target)
    finally:
        mode.grad_enabled = before
        if recorder is not None:
            recorder.backward_finished(freed)


def _visit(
    node: Node,
    incoming: tuple[Any, ...],
    live: bool,
    only: dict[Node, list[int]] | None,
    captured: dict[tuple[Node, int], Any] | None,
) -> Sequence[Any]:
    """Runs one node with its hooks; returns the gradient for each edge."""
    if node.hooks is not None:
        incoming = hooks.before_visit(node, incoming)
    if captured is not None and only is not None and node in only:
        for output_nr in only[node]:
            captured[(node, output_nr)] = incoming[output_nr]
        if isinstance(node, AccumulateGrad):
            return ()
    recorder = mode.recorder
    if isinstance(node, AccumulateGrad):
        if incoming[0] is None:
            return ()
        if recorder is not None:
            recorder.visit(node, incoming, ())
        accumulate(node.variable, incoming[0])
        if node.hooks is not None:
            hooks.after_visit(node, (), incoming)
        return ()
    outgoing = node.compute(incoming, live) if any(g is not None for g in incoming) else [None] * len(node.edges)
    fits = node.fits
    for i, gradient in enumerate(outgoing):
        if gradient is not None:
            if fits is not None and fits[i] is not None:
                outgoing[i] = fit(gradient, *fits[i])
            elif type(gradient) is not np.ndarray and not live:
                outgoing[i] = np.asarray(gradient)
    if node.hooks is not None:
        outgoing = hooks.after_visit(node, outgoing, incoming)
    if recorder is not None:
        recorder.visit(node, incoming, outgoing)
    return outgoing


def _deliver(buffers: dict[Node, list[Any]], node: Node, output_nr: int, gradient: Any, source: Node | None) -> None:
    """Adds a gradient to a node's input buffer: the first is moved in, later ones are summed in order of arrival."""
    buffer = buffers.get(node)
    if buffer is None:
        buffer = buffers[node] = [None] * (len(node.op.outputs) if node.op is not None else 1)
    there = buffer[output_nr]
    if there is None or gradient is None:
        buffer[output_nr] = gradient if there is None else there
        return
    total = buffer[output_nr] = add(there, gradient)
    if mode.recorder is not None and source is not None:
        mode.recorder.fan_in(node, output_nr, gradient, source, total)


def _dependencies(roots: list[Edge]) -> dict[Node, int]:
    """How many edges reach each node from the roots. Several roots count as edges of one node before them."""
    count: dict[Node, int] = {}
    stack: list[Node] = []
    for node, _ in roots:
        assert node is not None
        if node in count:
            count[node] += 1
        else:
            count[node] = 1 if len(roots) > 1 else 0
            stack.append(node)
    while stack:
        for target, _ in stack.pop().edges:
            if target is None:
                continue
            if target in count:
                count[target] += 1
            else:
                count[target] = 1
                stack.append(target)
    return count


def _leading_to(targets: set[Node], roots: list[Edge]) -> set[Node]:
    """The nodes below the roots from which some target can be reached."""
    needed: set[Node] = set()
    done: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(node, False) for node, _ in roots if node is not None]
    while stack:
        node, children_done = stack.pop()
        if children_done:
            if node in targets or any(target in needed for target, _ in node.edges if target is not None):
                needed.add(node)
        elif node not in done:
            done.add(node)
            stack.append((node, True))
            stack.extend((target, False) for target, _ in node.edges if target is not None and target not in done)
    return needed


def _as_tensor(gradient: Any) -> Tensor | None:
    if gradient is None or isinstance(gradient, Tensor):
        return gradient
    tensor = Tensor._wrap(gradient)
    tensor._storage.lent = True
    return tensor


Hook = Callable[[Any], Any]
