"""avg_pool1d, avg_pool2d, adaptive_avg_pool1d and adaptive_avg_pool2d: the mean of each window."""

from functools import partial
from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.linear_map import mapped
from gradb.ops.pooling import check, pool_sizes
from gradb.ops.reduction import MEAN_DIM
from gradb.ops.registry import torch_name
from gradb.ops.shape import SQUEEZE_DIM, UNSQUEEZE
from gradb.ops.unsigned import shown_unsigned
from gradb.ops.windows import Sizes, inside, output_size, padded, places


def _divisors(
    size: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, count: Sizes, include: bool, override: int | None
) -> Any:
    """How many elements each window counts; padding counts where it is included, what lies beyond it never does."""
    if override is not None:
        return np.asarray(override)
    per_dim: list[Any] = []
    for n, k, s, p, c in zip(size, kernel, stride, padding, count, strict=True):
        starts = np.arange(c) * s - p
        ends = np.minimum(starts + k, n + p)
        per_dim.append(ends - starts if include else np.minimum(ends, n) - np.maximum(starts, 0))
    return per_dim[0][:, None] * per_dim[1]


def _extent(size: Sizes, kernel: Sizes, stride: Sizes, padding: Sizes, ceil_mode: bool) -> tuple[Sizes, Sizes]:
    """How many windows there are, and what has to be padded at the end so that all fit."""
    count = tuple(
        [output_size(n, k, s, p, 1, ceil_mode) for n, k, s, p in zip(size, kernel, stride, padding, strict=True)]
    )
    ends = [max((c - 1) * s + k - n - p, p) for c, s, k, n, p in zip(count, stride, kernel, size, padding, strict=True)]
    return count, tuple(ends)


def _avg_pool(
    self: Any, kernel_size: Sizes, stride: Sizes, padding: Sizes, ceil_mode: bool, count_include_pad: bool,
    divisor_override: int | None,
) -> Any:  # fmt: skip
    stride = stride or kernel_size
    size = self.shape[-2:]
    count, ends = _extent(size, kernel_size, stride, padding, ceil_mode)
    x = padded(self, padding, ends)
    total = np.zeros((*self.shape[:-2], *count), self.dtype)
    for _, where in places(kernel_size, stride, (1, 1), count):
        total += x[where]
    divisors = _divisors(size, kernel_size, stride, padding, count, count_include_pad, divisor_override)
    return total // divisors if self.dtype.kind != "f" else total / divisors.astype(self.dtype)


def _spread(
    grad: Any, shape: tuple[int, ...], kernel_size: Sizes, stride: Sizes, padding: Sizes, ceil_mode: bool,
    count_include_pad: bool, divisor_override: int | None,
) -> Any:  # fmt: skip
    """The transpose of `_avg_pool`: each window's share goes to all its elements."""
    stride = stride or kernel_size
    size = shape[-2:]
    count, ends = _extent(size, kernel_size, stride, padding, ceil_mode)
    divisors = _divisors(size, kernel_size, stride, padding, count, count_include_pad, divisor_override)
    share = grad / divisors.astype(grad.dtype)
    whole = np.zeros((*shape[:-2], *[n + p + e for n, p, e in zip(size, padding, ends, strict=True)]), grad.dtype)
    for _, where in places(kernel_size, stride, (1, 1), count):
        whole[where] += share
    return whole[inside(len(shape) - 2, padding, size)].copy()


def _gradient(
    grad: Any, self: Any, kernel_size: Sizes, stride: Sizes, padding: Sizes, ceil_mode: bool, count_include_pad: bool,
    divisor_override: int | None,
) -> Any:  # fmt: skip
    how = (kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
    return mapped(grad, lambda g: _spread(g, self.shape, *how), lambda x: _avg_pool(x, *how))


AVG_POOL2D = Op(
    "AvgPool2DBackward0",
    _avg_pool,
    name="avg_pool2d",
    symbol="the mean of each window of self",
    self=Grad("∂L/∂out / count for each element of a window", _gradient),
)


def _bounds(size: int, count: int) -> list[tuple[int, int]]:
    """Where the windows begin and end when a dim is divided into `count` of them, overlapping where it must be."""
    return [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]


def _adaptive(self: Any, output_size: Sizes) -> Any:
    x = self
    for axis, count in zip((-2, -1), output_size, strict=True):
        lead = (..., *[slice(None)] * (-1 - axis))
        pieces = [x[(..., slice(*b), *lead[1:])] for b in _bounds(self.shape[axis], count)]
        x = (
            np.stack([np.add.reduce(piece, axis) / x.dtype.type(piece.shape[axis]) for piece in pieces], axis)
            if pieces
            else np.zeros((*x.shape[:axis], 0, *x.shape[axis:][1:]), x.dtype)
        )
    return np.ascontiguousarray(x)


def _adaptive_spread(grad: Any, shape: tuple[int, ...]) -> Any:
    """The transpose of `_adaptive`."""
    x = grad
    for axis in (-1, -2):
        sizes = list(x.shape)
        count, sizes[axis] = sizes[axis], shape[axis]
        whole = np.zeros(sizes, grad.dtype)
        rest = [slice(None)] * (-1 - axis)
        for i, (start, end) in enumerate(_bounds(shape[axis], count)):
            whole[(..., slice(start, end), *rest)] += x[(..., slice(i, i + 1), *rest)] / (end - start)
        x = whole
    return x


ADAPTIVE_AVG_POOL2D = Op(
    "AdaptiveAvgPool2DBackward0",
    _adaptive,
    name="adaptive_avg_pool2d",
    symbol="the mean of each of output_size parts of self",
    self=Grad(
        "∂L/∂out / count for each element of a part",
        lambda grad, self: mapped(
            grad, partial(_adaptive_spread, shape=self.shape), partial(_adaptive, output_size=grad.shape[-2:])
        ),
    ),
)
shown_unsigned(MEAN_DIM, "dim")


def avg_pool2d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: int | None = None,
) -> Tensor:  # fmt: skip
    """The mean of each window of (batch, channels, h, w)."""
    kernel, steps, pads = pool_sizes("avg_pool2d", 2, kernel_size, stride, padding)
    if divisor_override == 0:
        raise RuntimeError("avg_pool2d: divisor_override is not 0")
    check("avg_pool2d", input, 2, kernel, steps, pads, (1, 1), ceil_mode)
    return unary(AVG_POOL2D, input, kernel, steps, pads, bool(ceil_mode), bool(count_include_pad), divisor_override)


@torch_name()
def avg_pool1d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """The mean of each window of (batch, channels, size)."""
    (kernel,), steps, (pad,) = pool_sizes("avg_pool1d", 1, kernel_size, stride, padding)
    (step,) = steps or (kernel,)
    check("avg_pool1d", input, 1, (kernel,), (step,), (pad,), (1,), ceil_mode)
    rows = unary(UNSQUEEZE, input, -2)
    means = unary(AVG_POOL2D, rows, (1, kernel), (1, step), (0, pad), bool(ceil_mode), bool(count_include_pad), None)
    return unary(SQUEEZE_DIM, means, -2)


def adaptive_avg_pool2d(input: Tensor, output_size: Any) -> Tensor:
    """The means of output_size[0] x output_size[1] parts of (batch, channels, h, w); None keeps a dim's size."""
    shape = input._array.shape
    if not isinstance(output_size, tuple | list):
        output_size = (output_size, output_size)
    if len(output_size) != 2:
        raise RuntimeError(f"adaptive_avg_pool2d: output_size is one number or 2, found {tuple(output_size)}")
    sizes = tuple([n if wanted is None else wanted for n, wanted in zip(shape[-2:], output_size, strict=False)])
    if min(sizes, default=0) < 0:
        raise RuntimeError(f"adaptive_avg_pool2d: output_size is not negative, found {sizes}")
    if sizes == (1, 1):
        return unary(MEAN_DIM, input, (-1, -2), True)
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise RuntimeError(
            "adaptive_avg_pool2d wants (batch, channels, h, w), or the same without a batch, and only the batch may be "
            f"empty; found shape {shape}"
        )
    return unary(ADAPTIVE_AVG_POOL2D, input, sizes)


@torch_name()
def adaptive_avg_pool1d(input: Tensor, output_size: Any) -> Tensor:
    """The means of output_size parts of (batch, channels, size)."""
    if isinstance(output_size, tuple | list):
        (output_size,) = output_size
    if input._array.ndim not in (2, 3):
        raise RuntimeError(f"adaptive_avg_pool1d wants 3 dims, or 2 without a batch, found shape {input._array.shape}")
    means = adaptive_avg_pool2d(unary(UNSQUEEZE, input, -2), (1, output_size))
    return unary(SQUEEZE_DIM, means, -2)
