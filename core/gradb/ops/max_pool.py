"""max_pool1d and max_pool2d: the largest element of each window; where several are equal, the first of them."""

import math
from functools import partial
from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.linear_map import mapped
from gradb.ops.pooling import check, pool_sizes
from gradb.ops.registry import torch_name
from gradb.ops.shape import SQUEEZE_DIM, UNSQUEEZE
from gradb.ops.unsigned import shown_unsigned
from gradb.ops.windows import Sizes, each, output_size, padded, places


def _starts(size: int, stride: int, padding: int, dilation: int, count: int) -> Any:
    """Where each window begins along a dim, in the input and not in its padding."""
    starts = np.arange(count) * stride - padding
    return np.where(starts < 0, starts % dilation, starts)


def _max_pool(
    self: Any, kernel_size: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil_mode: bool
) -> tuple[Any, Any]:
    stride = stride or kernel_size
    size = self.shape[-2:]
    count = tuple([output_size(*n, ceil_mode) for n in zip(size, kernel_size, stride, padding, dilation, strict=True)])
    ends = [
        max((c - 1) * s + d * (k - 1) + 1 - n - p, p if s else 0)
        for c, s, d, k, n, p in zip(count, stride, dilation, kernel_size, size, padding, strict=True)
    ]
    least = -np.inf if self.dtype.kind == "f" else np.iinfo(self.dtype).min
    x = padded(self, padding, tuple(ends), least)
    rows, columns = [_starts(*n) for n in zip(size, stride, padding, dilation, count, strict=True)]
    indices = np.broadcast_to(rows[:, None] * size[1] + columns, (*self.shape[:-2], *count)).copy()
    best = np.full(indices.shape, least, self.dtype)
    tops = np.arange(count[0])[:, None] * stride[0] - padding[0]
    lefts = np.arange(count[1]) * stride[1] - padding[1]
    for place, where in places(kernel_size, stride, dilation, count):
        candidate = x[where]
        larger = candidate > best
        if self.dtype.kind == "f":
            larger |= candidate != candidate  # NaN wins, as in torch
        np.copyto(best, candidate, where=larger)
        at = (tops + place[0] * dilation[0]) * size[1] + (lefts + place[1] * dilation[1])
        np.copyto(indices, at, where=larger)
    return best, indices


def scattered(grad: Any, indices: Any, shape: tuple[int, ...]) -> Any:
    """Each element of `grad` added at its index within the last two dims of an array of `shape`."""
    area = shape[-2] * shape[-1]
    planes = math.prod(shape[:-2])
    flat = (indices.reshape(planes, math.prod(indices.shape[-2:])) + np.arange(planes)[:, None] * area).ravel()
    return np.bincount(flat, grad.ravel(), planes * area).astype(grad.dtype).reshape(shape)


def gathered(x: Any, indices: Any) -> Any:
    """The elements at indices within the last two dims."""
    planes = math.prod(x.shape[:-2])
    area = x.shape[-2] * x.shape[-1]
    places_there = indices.reshape(planes, math.prod(indices.shape[-2:]))
    return np.take_along_axis(x.reshape(planes, area), places_there, 1).reshape(indices.shape)


def _gradient(grads: Any, self: Any, result1: Any) -> Any:
    indices = lib.plain(result1)
    return mapped(grads[0], partial(scattered, indices=indices, shape=self.shape), partial(gathered, indices=indices))


MAX_POOL2D = Op(
    "MaxPool2DWithIndicesBackward0",
    _max_pool,
    name="max_pool2d",
    symbol="the largest of each window of self",
    outputs=("result", "result1"),
    nondifferentiable=("result1",),
    self=Grad("∂L/∂out at the first largest of each window, else 0", _gradient),
    shows=("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
)
shown_unsigned(SQUEEZE_DIM, "dim")
shown_unsigned(UNSQUEEZE, "dim")


def _run(
    op: str, input: Tensor, kernel: Sizes, stride: Sizes, padding: Sizes, dilation: Sizes, ceil_mode: bool
) -> tuple[Tensor, Tensor]:
    check(op, input, 2, kernel, stride, padding, dilation, ceil_mode)
    return apply(MAX_POOL2D, input, kernel, stride, padding, dilation, bool(ceil_mode))


@torch_name()
def max_pool2d_with_indices(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The largest of each window, and their indices within the last two dims."""
    sizes = pool_sizes("max_pool2d", 2, kernel_size, stride, padding)
    return _run("max_pool2d", input, *sizes, each("max_pool2d", "dilation", dilation, 2), ceil_mode)


@torch_name()
def max_pool2d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window of (batch, channels, h, w); with `return_indices` also where it is."""
    both = max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return both if return_indices else both[0]


@torch_name()
def max_pool1d_with_indices(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """The largest of each window, and their indices along the last dim."""
    (kernel,), steps, (pad,) = pool_sizes("max_pool1d", 1, kernel_size, stride, padding)
    (step,) = steps or (kernel,)
    (spread,) = each("max_pool1d", "dilation", dilation, 1)
    check("max_pool1d", input, 1, (kernel,), (step,), (pad,), (spread,), ceil_mode)
    rows = unary(UNSQUEEZE, input, -2)
    both = apply(MAX_POOL2D, rows, (1, kernel), (1, step), (0, pad), (1, spread), bool(ceil_mode))
    return unary(SQUEEZE_DIM, both[0], -2), unary(SQUEEZE_DIM, both[1], -2)


@torch_name()
def max_pool1d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest element of each window of (batch, channels, size); with `return_indices` also where it is."""
    both = max_pool1d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    return both if return_indices else both[0]
