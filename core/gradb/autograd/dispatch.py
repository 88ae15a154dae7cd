"""Running an op on tensors: compute, build the graph, tell the recorder.

`binary` is the short way for elementwise ops on two operands and `apply` the general one; both end in `_finish`.
"""

from typing import Any

import numpy as np

from gradb.autograd.mode import mode
from gradb.autograd.node import NO_EDGE, Edge, Node, Saved, next_sequence_number
from gradb.autograd.op import NOTHING, NUMEL, OUTPUT, PARAMETER, Op
from gradb.autograd.promotion import promoted, result_type, same_type
from gradb.autograd.storage import Storage, join
from gradb.autograd.tensor import Tensor
from gradb.trace.events import Array

_ONE_INPUT = (True,)


def unary(op: Op, tensor: Tensor, *args: Any) -> Tensor:
    """Runs an op on one tensor; `args` are plain values."""
    array = op.forward(tensor._array, *args)
    if type(array) is not np.ndarray:
        array = np.asarray(array)
    storage = tensor._storage if op.view else Storage()
    node = None
    parameters = (tensor, *args)
    if tensor._requires_grad and mode.grad_enabled and op.gradients[0] is not None:
        node = _node(op, parameters, _ONE_INPUT, (array,), (storage,))
    result = Tensor._wrap(array, node, 0, storage)
    if op.view:
        join(tensor, result)
        result._view = (tensor._view[0] if tensor._view is not None else tensor,)
    if mode.recorder is not None:
        mode.recorder.forward(op.info, parameters, result, node)
    return result


def binary(op: Op, left: Any, right: Any, *args: Any) -> Tensor:
    """Runs an elementwise op on two operands, each a tensor or a number, with broadcasting and type promotion."""
    wants_left = wants_right = False
    if isinstance(left, Tensor):
        x = left._array
        wants_left = left._requires_grad
    else:
        x = left
    if isinstance(right, Tensor):
        y = right._array
        wants_right = right._requires_grad
    else:
        y = right
    if not same_type(x, y):
        x, y = promoted(x, y)
    array = op.forward(x, y, *args)
    if type(array) is not np.ndarray:
        array = np.asarray(array)
    storage = Storage()
    node = None
    parameters = (left, right, *args)
    if (wants_left or wants_right) and mode.grad_enabled:
        node = _node(op, parameters, (wants_left, wants_right), (array,), (storage,))
        if (wants_left and _differs(left._array, array)) or (wants_right and _differs(right._array, array)):
            node.fits = _fits(node, (left, right))
    result = Tensor._wrap(array, node, 0, storage)
    if mode.recorder is not None:
        mode.recorder.forward(op.info, parameters, result, node)
    return result


def apply(op: Op, *parameters: Any) -> Any:
    """Runs any op. The first `op.inputs` parameters are tensors or numbers (one tuple of tensors for a variadic op).

    Returns a Tensor, or a tuple of them for an op with several outputs.
    """
    arrays = [_array_of(parameter) for parameter in parameters]
    inputs: tuple[Any, ...] = parameters[0] if op.variadic else parameters[: op.inputs]
    if op.elementwise:
        dtype = result_type(*arrays[: op.inputs])
        arrays[: op.inputs] = [np.asarray(array, dtype) for array in arrays[: op.inputs]]
    computed = op.forward(*arrays)
    outputs = [np.asarray(array) for array in (computed if type(computed) is tuple else (computed,))]
    wanted = tuple([isinstance(t, Tensor) and t._requires_grad for t in inputs])
    storages = tuple([inputs[0]._storage if op.view else Storage() for _ in outputs])
    node = None
    if mode.grad_enabled and any(w and g is not None for w, g in _pairs(op, wanted)):
        node = _node(op, parameters, wanted, tuple(outputs), storages)
        if op.elementwise and any(w and _differs(t._array, outputs[0]) for w, t in zip(wanted, inputs, strict=True)):
            node.fits = _fits(node, inputs)
        if len(outputs) > 1:
            node.metas = tuple([(array.shape, array.dtype) for array in outputs])
    results = [
        Tensor._wrap(array, None if i in op.nondifferentiable else node, i, storage)
        for i, (array, storage) in enumerate(zip(outputs, storages, strict=True))
    ]
    if op.view:
        for result in results:
            join(inputs[0], result)
            result._view = (inputs[0]._view[0] if inputs[0]._view is not None else inputs[0],)
    if mode.recorder is not None:
        mode.recorder.forward_many(op.info, parameters, results, node)
    return results[0] if type(computed) is not tuple else tuple(results)


def _pairs(op: Op, wanted: tuple[bool, ...]) -> Any:
    return [(w, op.gradients[0]) for w in wanted] if op.variadic else zip(wanted, op.gradients, strict=True)


def _array_of(parameter: Any) -> Any:
    if isinstance(parameter, Tensor):
        return parameter._array
    if type(parameter) is tuple and any(isinstance(item, Tensor) for item in parameter):
        return tuple(_array_of(item) for item in parameter)
    return parameter


def _node(
    op: Op,
    parameters: tuple[Any, ...],
    wanted: tuple[bool, ...],
    outputs: tuple[Array, ...],
    storages: tuple[Storage, ...],
) -> Node:
    """The node of an op that just ran, with its edges and what its gradients need."""
    edges: list[Edge] = []
    for parameter, want in zip(parameters[0] if op.variadic else parameters, wanted, strict=False):
        if not want:
            edges.append(NO_EDGE)
        elif parameter.grad_fn is not None:
            edges.append((parameter.grad_fn, parameter._output_nr))
        else:
            edges.append((parameter._accumulator(), 0))
    saved: list[Any] = []
    for source, position in op.plan((True,) if op.variadic else wanted):
        if source == PARAMETER:
            value = parameters[position]
            if isinstance(value, Tensor):
                value = Saved(value, value._array, value._storage, value._storage.version)
            saved.append(value)
        elif source == OUTPUT:
            storage = storages[position]
            saved.append(Saved(None, outputs[position], storage, storage.version, position))
        elif source == NOTHING:
            saved.append(None)
        else:
            saved.append(_measure(parameters[position], source == NUMEL))
    return op.node_type(op, next_sequence_number(), tuple(edges), tuple(saved))


def _measure(parameter: Any, count: bool) -> Any:
    """The sizes (or the number of elements) of an input; for a tuple of inputs a tuple of them."""
    if type(parameter) is tuple:
        return tuple([_measure(item, count) for item in parameter])
    if not isinstance(parameter, Tensor):
        return 1 if count else ()
    return parameter._array.size if count else parameter._array.shape


def _differs(array: Array, result: Array) -> bool:
    return array.shape != result.shape or array.dtype is not result.dtype


def _fits(node: Node, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The shape and dtype that each gradient is to be reduced to."""
    return tuple(
        [
            None if edge[0] is None else (tensor._array.shape, tensor._array.dtype)
            for edge, tensor in zip(node.edges, inputs, strict=True)
        ]
    )
