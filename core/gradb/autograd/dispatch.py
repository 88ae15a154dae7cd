"""Running an op on tensors: compute, build the graph, tell the recorder.

`unary` and `binary` are the short ways for one tensor and for elementwise ops on two operands, `apply` is the general
one.
"""

from typing import Any

import numpy as np

from gradb.autograd import aliases as aliases
from gradb.autograd import backward_complaints, complaints
from gradb.autograd.mode import mode
from gradb.autograd.node import NO_EDGE, Edge, Node, Saved, next_sequence_number
from gradb.autograd.op import FIRST_SIZE, NOTHING, NUMEL, OUTPUT, PARAMETER, SIZES, SIZES_OR_ZERO, Op
from gradb.autograd.promotion import promoted, result_type, same_type
from gradb.autograd.storage import Storage, join
from gradb.autograd.tensor import Tensor
from gradb.autograd.views import View, edge_of
from gradb.trace.events import Array

_ONE_INPUT = (True,)
_ndarray = np.ndarray
_wrap = Tensor._wrap


def unary(op: Op, tensor: Any, *args: Any) -> Tensor:
    """Runs an op on one tensor; `args` are plain values."""
    if not isinstance(tensor, Tensor):
        raise complaints.not_a_tensor(op.info.name, tensor)
    array = op.forward(tensor._array, *args)
    if type(array) is not _ndarray:
        array = np.asarray(array)
    parameters = (tensor, *args)
    storage = tensor._storage if op.view else mode.storage()
    node = None
    if tensor._requires_grad and mode.grad_enabled and op.differentiable:
        node = build(op, parameters, _ONE_INPUT, (array,), (storage,))
    result = _wrap(array, node, 0, storage)
    if op.view:
        link(tensor, result)
    if mode.recorder is not None:
        mode.recorder.forward(op.info, parameters, result, node, mode.grad_enabled)
    if mode.tracer is not None:
        mode.tracer.ran(unary, (op, *parameters), result)
    return result


def binary(op: Op, left: Any, right: Any, *args: Any) -> Tensor:
    """Runs an elementwise op on two operands, each a tensor or a number, with broadcasting and type promotion."""
    wants_left = wants_right = False
    x, y = left, right
    if isinstance(left, Tensor):
        x = left._array
        wants_left = left._requires_grad
    if isinstance(right, Tensor):
        y = right._array
        wants_right = right._requires_grad
    if not (type(x) is type(y) is _ndarray and x.dtype is y.dtype) and not same_type(x, y):
        if op.no_bools:
            complaints.refuse_bools(op.info.name, x, y)
        x, y = promoted(x, y, wrap=not op.makes_floats)
    try:
        array = op.forward(x, y, *args)
    except ValueError:
        raise complaints.shapes_differ(op.info.name, np.shape(x), np.shape(y)) from None
    if type(array) is not _ndarray:
        array = np.asarray(array)
    parameters = (left, right, *args)
    storage = mode.storage()
    node = None
    if (wants_left or wants_right) and mode.grad_enabled and op.differentiable:
        node = build(op, parameters, (wants_left, wants_right), (array,), (storage,))
    result = _wrap(array, node, 0, storage)
    if mode.recorder is not None:
        mode.recorder.forward(op.info, parameters, result, node, mode.grad_enabled)
    if mode.tracer is not None:
        mode.tracer.ran(binary, (op, *parameters), result)
    return result


def apply(op: Op, *parameters: Any) -> Any:
    """Runs any op. The first `op.inputs` parameters are tensors or numbers (one tuple of tensors for a variadic op).

    Returns a Tensor, or a tuple of them for an op with several outputs.
    """
    if op.single:
        return _single(op, parameters)
    arrays = [array_of(parameter) for parameter in parameters]
    if op.elementwise:
        dtype = result_type(*[a for a in arrays[: op.inputs] if a is not None])
        arrays[: op.inputs] = [None if a is None else np.asarray(a, dtype) for a in arrays[: op.inputs]]
    try:
        computed = op.forward(*arrays)
    except ValueError:
        if not op.elementwise:
            raise
        raise complaints.shapes_differ(op.info.name, *[np.shape(a) for a in arrays[: op.inputs]]) from None
    return _wrapped(op, parameters, computed)


def _wrapped(op: Op, parameters: tuple[Any, ...], computed: Any) -> Any:
    """What an op computed, as tensors in the graph."""
    inputs: tuple[Any, ...] = parameters[0] if op.variadic else parameters[: op.inputs]
    several = type(computed) is tuple
    outputs = tuple([np.asarray(array) for array in (computed if several else (computed,))])
    wanted = tuple([isinstance(t, Tensor) and t._requires_grad for t in inputs])
    storages = tuple([inputs[0]._storage if op.view else mode.storage() for _ in outputs])
    node = None
    if mode.grad_enabled and op.wants(wanted):
        node = build(op, parameters, wanted, outputs, storages)
        if several:
            node.metas = tuple([(array.shape, array.dtype) for array in outputs])
    results = [
        Tensor._wrap(array, None if i in op.nondifferentiable else node, i, storage)
        for i, (array, storage) in enumerate(zip(outputs, storages, strict=True))
    ]
    if op.view:
        for result in results:
            link(inputs[0], result, several)
    if mode.recorder is not None:
        mode.recorder.forward_many(op.info, parameters, results, node, mode.grad_enabled)
    result = tuple(results) if several else results[0]
    if mode.tracer is not None:
        mode.tracer.ran(apply, (op, *parameters), result)
    return result


def _single(op: Op, parameters: tuple[Any, ...]) -> Any:
    """Runs an op with a fixed number of inputs and mostly one result in memory of its own."""
    array = op.forward(*[p._array if isinstance(p, Tensor) else array_of(p) for p in parameters])
    if type(array) is not _ndarray:
        if type(array) is tuple:  # how many depends on the arguments, as for split
            return _wrapped(op, parameters, array)
        array = np.asarray(array)
    storage = mode.storage()
    node = None
    if mode.grad_enabled:
        wanted = tuple([isinstance(p, Tensor) and p._requires_grad for p in parameters[: op.inputs]])
        if True in wanted and op.wants(wanted):
            node = build(op, parameters, wanted, (array,), (storage,))
    result = _wrap(array, node, 0, storage)
    if mode.recorder is not None:
        mode.recorder.forward(op.info, parameters, result, node, mode.grad_enabled)
    if mode.tracer is not None:
        mode.tracer.ran(apply, (op, *parameters), result)
    return result


def link(tensor: Tensor, view: Tensor, one_of_many: bool = False) -> None:
    """Notes that `view`, just made, looks at the memory of `tensor`."""
    join(tensor, view)
    above = tensor._view
    without = not mode.grad_enabled or (above is not None and above.without_grad)
    base = tensor if above is None else above.base
    if without and base._requires_grad:
        view._requires_grad = True  # as in torch, also inside no_grad, where it gets no grad_fn
    view._view = View(base, view._storage.version, one_of_many, without, without and base._requires_grad)


def array_of(parameter: Any) -> Any:
    """The array of a tensor, the arrays of a tuple of tensors, and anything else as it is."""
    if isinstance(parameter, Tensor):
        return parameter._array
    if type(parameter) is tuple and any(isinstance(item, Tensor) for item in parameter):
        return tuple([array_of(item) for item in parameter])
    return parameter


def build(
    op: Op,
    parameters: tuple[Any, ...],
    wanted: tuple[bool, ...],
    outputs: tuple[Array, ...],
    storages: tuple[Storage, ...],
) -> Node:
    """The node of an op that just ran, with its edges and what its gradients need."""
    edges: list[Edge] = []
    for parameter, want in zip(parameters[0] if op.variadic else parameters, wanted):  # noqa: B905 (args come after)
        if not want:
            edges.append(NO_EDGE)
        elif (node := parameter.grad_fn if parameter._view is not None else parameter._grad_fn) is not None:
            edges.append((node, parameter._output_nr))
        else:
            edges.append(edge_of(parameter))
    plan = op.plans.get(wanted)
    saved: list[Any] = []
    keeps = False
    for source, position in op.plan(wanted) if plan is None else plan:
        if source == PARAMETER:
            value = parameters[position]
            if isinstance(value, Tensor):
                keeps = True
                storage = value._storage
                if storage.inference:
                    raise backward_complaints.saving_inference_tensor(value, op.info.name)
                value = Saved(value, value._array, storage, storage.version)
            elif position < op.inputs or (type(value) is tuple and any(isinstance(item, Tensor) for item in value)):
                keeps = True  # a number in a tensor's place is a saved tensor to torch, and so are index tensors
            saved.append(value)
        elif source == OUTPUT:
            keeps = True
            storage = storages[position]
            saved.append(Saved(None, outputs[position], storage, storage.version, position))
        elif source == NOTHING:
            saved.append(None)
        else:
            saved.append(_measure(parameters[position], source))
    first = outputs[0]
    return op.node_type(op, next_sequence_number(), tuple(edges), tuple(saved), keeps, first.shape, first.dtype)


def _measure(parameter: Any, source: int) -> Any:
    """The sizes, strides or number of elements of an input; for a tuple of inputs a tuple of them."""
    if type(parameter) is tuple:
        return tuple([_measure(item, source) for item in parameter])
    if not isinstance(parameter, Tensor):
        return 1 if source == NUMEL else (0,) if source == SIZES_OR_ZERO else ()
    array = parameter._array
    if source in (SIZES, SIZES_OR_ZERO):
        return array.shape
    if source == FIRST_SIZE:
        return array.shape[0]
    if source == NUMEL:
        return array.size
    # torch's matrix products look at the strides of an input only for the sake of its own gradient
    return tuple([s // array.itemsize for s in array.strides]) if parameter._requires_grad else ()
