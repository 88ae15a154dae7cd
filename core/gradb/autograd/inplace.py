"""In-place ops: `write_through(op, tensor, ...)` computes, writes into the tensor's memory and rebases its grad_fn."""

from typing import Any

import numpy as np
from msgspec.structs import replace

from gradb.autograd import complaints, inplace_complaints
from gradb.autograd.dispatch import build
from gradb.autograd.hooks import move_retain
from gradb.autograd.mode import mode
from gradb.autograd.node import Node, Saved
from gradb.autograd.op import Op
from gradb.autograd.promotion import promoted, result_type, same_type
from gradb.autograd.storage import Storage, kept, write
from gradb.autograd.tensor import Tensor
from gradb.autograd.views import copy_slices, refresh, wake_views


def write_through(op: Op, tensor: Tensor, *rest: Any) -> Tensor:
    """Replaces the content of `tensor` by `op(tensor, *rest)`; returns the tensor.

    Raises RuntimeError on a leaf that requires grad (or a view of one) while a graph is built, and where the result
    does not have the tensor's shape, or a dtype that cannot go into the tensor's.
    """
    tracked = False
    if mode.grad_enabled:
        others = rest[: op.inputs - 1]
        view = tensor._view
        tracked = tensor._requires_grad or any(isinstance(p, Tensor) and p._requires_grad for p in others)
        tracked = tracked or (view is not None and view.base._requires_grad)
        if tracked:
            check_writable(tensor)
    content = computed(op, tensor, rest)
    held = tensor._storage.group is not None and (
        mode.recorder is not None or (tracked and op.parameters[0] in op.fields)
    )
    before = kept(tensor) if held else tensor._array
    node = None
    if tracked:
        node = _build(op, tensor, before, rest, content)
    aliases = write(tensor, content)
    if node is not None:
        node = rebase(tensor, node)
    if mode.recorder is not None:
        mode.recorder.written(tensor, before, op.in_place, (tensor, *rest), node, aliases, mode.grad_enabled)
    if mode.tracer is not None:
        mode.tracer.ran(write_through, (op, tensor, *rest), tensor)
    return tensor


def computed(op: Op, tensor: Tensor, rest: tuple[Any, ...]) -> np.ndarray[Any, Any]:
    """What the op makes of the tensor, checked to fit into it."""
    array = tensor._array
    arrays = [array, *[p._array if isinstance(p, Tensor) else p for p in rest]]
    if op.inputs == 1 or (op.elementwise and same_type(array, arrays[1])):
        try:
            content = op.forward(*arrays)
        except ValueError:
            raise complaints.shapes_differ(op.in_place.name, *[np.shape(a) for a in arrays[: op.inputs]]) from None
    elif op.elementwise:
        operands = [a for a in arrays[: op.inputs] if a is not None]
        if op.no_bools:
            complaints.refuse_bools(op.in_place.name, *operands)
        dtype = result_type(*operands)
        if dtype is not array.dtype and _category(dtype) > _category(array.dtype):
            raise inplace_complaints.in_place_dtype(tensor, dtype)
        arrays[: op.inputs] = promoted(*arrays[: op.inputs])
        try:
            content = op.forward(*arrays)
        except ValueError:
            raise complaints.shapes_differ(op.in_place.name, *[np.shape(a) for a in operands]) from None
    else:
        content = op.forward(*arrays)
    if content.shape != array.shape:
        raise inplace_complaints.in_place_shape(tensor, content.shape)
    if type(content) is not np.ndarray or content.dtype is not array.dtype:
        if _category(content.dtype) > _category(array.dtype):
            raise inplace_complaints.in_place_dtype(tensor, content.dtype)
        content = np.asarray(content, array.dtype)
    if content.strides != array.strides and content.ndim > 1:
        laid_out = np.empty_like(array)  # in memory as before: is_contiguous and strides stay
        laid_out[...] = content
        return laid_out
    return content


def _category(dtype: Any) -> int:
    return {"b": 0, "f": 2}.get(dtype.kind, 1)


def check_writable(tensor: Tensor) -> None:
    """Raises RuntimeError where a graph forbids an in-place change."""
    view = tensor._view
    if view is not None:
        base: Tensor = view.base
        if view.of_function:
            raise inplace_complaints.in_place_on_view_of_function(tensor)
        if view.one_of_many:
            raise inplace_complaints.in_place_on_one_of_many(tensor)
        if view.without_grad and base._requires_grad:
            raise inplace_complaints.in_place_on_no_grad_view(tensor)
        if base._requires_grad and base.grad_fn is None:
            raise inplace_complaints.in_place_on_view_of_leaf(tensor, base)
    elif tensor._requires_grad and tensor._grad_fn is None:
        raise inplace_complaints.in_place_on_leaf(tensor)


def _build(op: Op, tensor: Tensor, before: Any, rest: tuple[Any, ...], content: Any) -> Node:
    """The op's node. It saves the tensor as it was, so that the write that follows does not count as a change."""
    old = Tensor._wrap(before, tensor.grad_fn, tensor._output_nr, Storage(0, True))
    wanted = (tensor._requires_grad, *[isinstance(p, Tensor) and p._requires_grad for p in rest[: op.inputs - 1]])
    return build(op, (old, *rest), wanted, (content,), (tensor._storage,))


def rebase(tensor: Tensor, node: Node) -> Node:
    """Puts a node that wrote into the tensor behind it; a view's base gets CopySlices. Returns the node made last."""
    assert node.saved is not None
    storage = tensor._storage
    node.saved = tuple(
        [
            replace(s, array=tensor._array, version=storage.version) if type(s) is Saved and s.tensor is None else s
            for s in node.saved
        ]
    )
    view = tensor._view
    if view is None:
        if tensor._retained and tensor._grad_fn is not None:
            move_retain(tensor, tensor._grad_fn, node)
        tensor._grad_fn = node
        tensor._output_nr = 0
        tensor._requires_grad = True
        wake_views(tensor, False)
        return node
    base: Tensor = view.base
    node = copy_slices(base, tensor, node)
    base._grad_fn = node
    base._output_nr = 0
    base._requires_grad = True
    wake_views(base, False)
    refresh(tensor)
    return node
