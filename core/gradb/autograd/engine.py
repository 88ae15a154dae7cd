"""Where a backward starts: `backward` accumulates into leaves, `grad` returns the gradients of chosen tensors."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from gradb.autograd import backward_complaints
from gradb.autograd.node import Edge, Node
from gradb.autograd.storage import Storage
from gradb.autograd.tensor import Tensor
from gradb.autograd.walk import gradient_edge, run
from gradb.trace.events import Array

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
            raise backward_complaints.no_inputs()
        only = {}
        for tensor in wanted:
            if not tensor._requires_grad:
                raise backward_complaints.input_without_requires_grad(tensor)
            tensor.retain_grad()
            node, output_nr = gradient_edge(tensor)
            assert node is not None
            only.setdefault(node, []).append(output_nr)
    run(tensors, seeds, keep, create_graph, only, None)


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
            raise backward_complaints.input_without_requires_grad(tensor)
        edges.append(gradient_edge(tensor))
    only: dict[Node, list[int]] = {}
    for node, output_nr in edges:
        assert node is not None
        only.setdefault(node, []).append(output_nr)
    run(roots, seeds, keep, create_graph, only, captured)
    results: list[Tensor | None] = []
    for tensor, edge in zip(wanted, edges, strict=True):
        found = captured.get(edge)  # type: ignore[arg-type]  # each edge has a node: asserted above
        if found is None:
            if materialize_grads:
                found = np.zeros_like(tensor._array)
            elif not allow_unused:
                raise backward_complaints.unused_input(tensor)
        results.append(_as_tensor(found))
    return tuple(results)


def _seeds(roots: Sequence[Tensor], given: Sequence[Any] | None) -> list[Tensor]:
    """The gradient of each root: the given one, or 1 for a root of one element."""
    if given is None:
        given = [None] * len(roots)
    elif len(given) != len(roots):
        raise backward_complaints.seed_count(len(roots), len(given))
    seeds: list[Tensor] = []
    for root, seed in zip(roots, given, strict=True):
        if seed is None:
            if not root._requires_grad:
                raise backward_complaints.no_graph(root)
            if root._array.size != 1:
                raise backward_complaints.implicit_seed(root)
            seed = Tensor._wrap(_one(root._array), None, 0, Storage(0, True))
        elif not isinstance(seed, Tensor):
            raise backward_complaints.seed_kind(seed)
        elif seed._array.shape != root._array.shape:
            raise backward_complaints.seed_shape(root, seed)
        elif not root._requires_grad:
            raise backward_complaints.no_graph(root)
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
