"""Sums of products over named dims: einsum, tensordot, inner, kron. Made of the same simple ops as torch's."""

import math
from typing import Any

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import unary
from gradb.autograd.tensor import Tensor
from gradb.ops.args import checked_dims
from gradb.ops.matrix import bmm, dot, mm
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.shape import UNSAFE_VIEW, can_view
from gradb.ops.subscripts import Subscripts, parsed


@torch_name()
@one_step
def einsum(*args: Any) -> Tensor:
    """The sum of products that an equation such as "ij,jk->ik" names: a letter per dim, summed if not in the output."""
    equation, operands = _arguments(args)
    subscripts = parsed(equation, [t._array.ndim for t in operands])
    tensors = [_aligned(t, labels, subscripts) for t, labels in zip(operands, subscripts.inputs, strict=True)]
    kept, places = subscripts.kept, len(subscripts.places)
    counts = [sum(t._array.shape[dim] != 1 for t in tensors) for dim in range(places)]
    _check_sizes(tensors, equation)
    while len(tensors) > 1:
        left, right, *tensors = tensors
        tensors.insert(0, _pair(left, right, kept, counts))
    (result,) = tensors
    if places == kept:
        return result
    if len(operands) > 1:
        return result.view(result._array.shape[:kept])
    return result.sum(tuple(range(kept, places)))


def _arguments(args: tuple[Any, ...]) -> tuple[str, list[Tensor]]:
    """The equation and the operands; dims may be named by lists of numbers after each operand instead."""
    if len(args) < 2:
        raise ValueError("einsum takes an equation and at least one tensor")
    if not isinstance(args[0], Tensor):
        operands = list(args[1]) if len(args) == 2 and isinstance(args[1], list | tuple) else list(args[1:])
        return args[0], operands
    pairs = list(zip(args[0::2], args[1::2], strict=False))
    text = ",".join(_letters(labels) for _, labels in pairs)
    return f"{text}->{_letters(args[-1])}" if len(args) % 2 else text, [t for t, _ in pairs]


def _letters(labels: Any) -> str:
    return "".join("..." if n is ... else chr(65 + n) if n < 26 else chr(71 + n) for n in labels)


def _aligned(tensor: Tensor, labels: tuple[str, ...], subscripts: Subscripts) -> Tensor:
    """The tensor with a dim for every label of the equation, in one order; of a repeated label the diagonal."""
    order = [-1] * len(subscripts.places)
    dim = 0
    for label in labels:
        place = subscripts.places[label]
        if order[place] == -1:
            order[place] = dim
            dim += 1
            continue
        before = order[place]
        if tensor._array.shape[dim] != tensor._array.shape[before]:
            raise RuntimeError(f"einsum: the dims named {label!r} of one tensor have different sizes {tensor.shape}")
        tensor = tensor.diagonal(0, before, dim).movedim(-1, before)
    for place, found in enumerate(order):
        if found == -1:
            tensor = tensor.unsqueeze(dim)
            order[place] = dim
            dim += 1
    return tensor.permute(order)


def _check_sizes(tensors: list[Tensor], equation: str) -> None:
    for sizes in zip(*[t._array.shape for t in tensors], strict=True):
        if len(set(sizes) - {1}) > 1:
            raise RuntimeError(f"einsum: a dim of {equation!r} has different sizes in its tensors: {sizes}")


def _pair(left: Tensor, right: Tensor, kept: int, counts: list[int]) -> Tensor:
    """The product of two, summed over what no other tensor needs."""
    both: list[int] = []
    only_left: list[int] = []
    only_right: list[int] = []
    for dim in range(kept, len(counts)):
        wide_left, wide_right = left._array.shape[dim] != 1, right._array.shape[dim] != 1
        if wide_left and wide_right:
            counts[dim] -= 1
            if counts[dim] == 1:
                both.append(dim)
                counts[dim] = 0
        elif counts[dim] == 1 and (wide_left or wide_right):
            (only_left if wide_left else only_right).append(dim)
            counts[dim] = 0
    if only_left:
        left = left.sum(only_left, True)
    if only_right:
        right = right.sum(only_right, True)
    return _sum_of_products(left, right, both)


def _sum_of_products(left: Tensor, right: Tensor, summed: list[int]) -> Tensor:
    """One batched matrix product: dims of both are the batch, dims of one its rows or columns."""
    if not summed:
        return left * right
    x, y = left._array.shape, right._array.shape
    free = [d for d in range(len(x)) if d not in summed]
    batch = [d for d in free if x[d] != 1 and y[d] != 1]
    rows = [d for d in free if x[d] != 1 and y[d] == 1]
    columns = [d for d in free if x[d] == 1]
    if rows and columns and columns[-1] < rows[0]:
        left, right, x, y, rows, columns = right, left, y, x, columns, rows
    count, height, inner, width = [
        math.prod([sizes[d] for d in dims]) for sizes, dims in ((x, batch), (x, rows), (x, summed), (y, columns))
    ]
    a = left.permute((*batch, *rows, *summed, *columns)).reshape(count, height, inner)
    b = right.permute((*batch, *summed, *columns, *rows)).reshape(count, inner, width)
    shape = (*[x[d] for d in (*batch, *rows)], *[1] * len(summed), *[y[d] for d in columns])
    order = (*batch, *rows, *summed, *columns)
    back = tuple([order.index(d) for d in range(len(order))])
    return bmm(a, b).view(shape).permute(back)


@torch_name()
def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """The sum of products over the last dims of a and the first of b (a number), or over two lists of dims."""
    if isinstance(dims, Tensor):
        dims = dims.tolist()
    if isinstance(dims, int):
        if dims < 0:
            raise RuntimeError(f"tensordot: a number of dims is not negative, found {dims}")
        if dims > min(a._array.ndim, b._array.ndim):
            raise RuntimeError(f"tensordot: {dims} dims of tensors with {a._array.ndim} and {b._array.ndim}")
        dims = (range(-dims, 0), range(dims))
    first = checked_dims(dims[0], a._array.ndim)
    second = checked_dims(dims[1], b._array.ndim)
    if len(first) != len(second):
        raise RuntimeError(f"tensordot: {len(first)} dims of a, but {len(second)} of b")
    if a._array.dtype != b._array.dtype:
        raise complaints.dtypes_differ("tensordot", a._array.dtype, b._array.dtype)
    return _over(a, b, first, second)


def _over(a: Tensor, b: Tensor, first: tuple[int, ...], second: tuple[int, ...]) -> Tensor:
    x, y = a._array.shape, b._array.shape
    inner = 1
    for i, j in zip(first, second, strict=True):
        if y[j] == 1:
            a = a.sum(i, True)
        elif x[i] == 1:
            b = b.sum(j, True)
        elif x[i] != y[j]:
            raise complaints.shapes_differ("tensordot", x, y)
        else:
            inner *= x[i]
    rows = [d for d in range(len(x)) if d not in first and d - len(x) not in first]
    columns = [d for d in range(len(y)) if d not in second and d - len(y) not in second]
    shape = (*[x[d] for d in rows], *[y[d] for d in columns])
    left, right = a.permute((*rows, *first)), b.permute((*second, *columns))
    if not shape:
        if left.is_contiguous() and right.is_contiguous():
            return dot(left.flatten(), right.flatten()).view(())
        return (left.squeeze() * right.squeeze()).sum().view(())
    height, width = math.prod([x[d] for d in rows]), math.prod([y[d] for d in columns])
    return mm(left.reshape(height, inner), right.reshape(inner, width)).reshape(shape)


@torch_name()
@tensor_method()
def inner(input: Tensor, other: Tensor) -> Tensor:
    """The sums of products along the last dim of both."""
    if input._array.ndim == 0 or other._array.ndim == 0:
        return input * other
    if input._array.shape[-1] != other._array.shape[-1]:
        raise complaints.shapes_differ("inner", input._array.shape, other._array.shape)
    return tensordot(input, other, ([-1], [-1]))


@torch_name()
@tensor_method()
def kron(input: Tensor, other: Tensor) -> Tensor:
    """A block of `other` for each element of `input`, times that element."""
    dims = max(input._array.ndim, other._array.ndim)
    x = (1,) * (dims - input._array.ndim) + input._array.shape
    y = (1,) * (dims - other._array.ndim) + other._array.shape
    if not (can_view(input._array, x) and can_view(other._array, y)):
        raise RuntimeError("kron wants tensors whose memory is in order: use .contiguous()")
    left = unary(UNSAFE_VIEW, input, tuple([n for size in x for n in (size, 1)]))
    right = unary(UNSAFE_VIEW, other, tuple([n for size in y for n in (1, size)]))
    return unary(UNSAFE_VIEW, left * right, tuple([n * m for n, m in zip(x, y, strict=True)]))
