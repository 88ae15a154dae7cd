"""A border around a tensor: F.pad with a constant (a negative width cuts off)."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.args import sizes
from gradb.ops.registry import torch_functions
from gradb.ops.unsigned import shown_unsigned


def _widths(widths: tuple[int, ...], dims: int) -> list[tuple[int, int]]:
    """Before and after of each dim; torch counts from the last dim."""
    pairs = [(widths[i], widths[i + 1]) for i in range(0, len(widths), 2)]
    return [(0, 0)] * (dims - len(pairs)) + pairs[::-1]


def _padded(self: Any, pad: tuple[int, ...], value: Any) -> Any:
    pairs = _widths(pad, self.ndim)
    if max(pad, default=0) <= 0:
        return self[tuple([slice(-a, n + b) for n, (a, b) in zip(self.shape, pairs, strict=True)])].copy(order="K")
    shape = tuple([n + before + after for n, (before, after) in zip(self.shape, pairs, strict=True)])
    result = np.full(shape, value, self.dtype)
    kept = tuple(
        [slice(max(-before, 0), n - max(-after, 0)) for n, (before, after) in zip(self.shape, pairs, strict=True)]
    )
    inside = tuple([slice(max(before, 0), n - max(after, 0)) for n, (before, after) in zip(shape, pairs, strict=True)])
    result[inside] = self[kept]
    return result


def _cut(grad: Any, pad: tuple[int, ...]) -> Any:
    back = tuple([-width for width in pad])
    return constant_pad_nd(grad, back, 0) if isinstance(grad, Tensor) else _padded(grad, back, 0)


PAD = Op(
    "ConstantPadNdBackward0",
    _padded,
    name="pad",
    symbol="self with a border of value",
    self=Grad("∂L/∂out without the border", _cut),
)
shown_unsigned(PAD, "pad")


def constant_pad_nd(input: Tensor, pad: Any, value: Any = 0) -> Tensor:
    """`pad`: before and after of the last dim, then of the one before it, and so on."""
    widths = sizes((pad,) if isinstance(pad, tuple | list) else (tuple(pad),))
    shape = input._array.shape
    if len(widths) % 2 or len(widths) > 2 * len(shape):
        raise RuntimeError(f"pad takes two widths for each of at most {len(shape)} dims, found {len(widths)}")
    for n, (before, after) in zip(shape, _widths(widths, len(shape)), strict=True):
        if n + before + after < 0 or -min(before, 0) > n or -min(after, 0) > n:
            raise RuntimeError(f"pad: a dim of size {n} cannot become {n + before + after}")
    return unary(PAD, input, widths, value)


torch_functions["constant_pad_nd"] = constant_pad_nd


def pad(input: Tensor, pad: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """A border around the input; see `constant_pad_nd`. Other modes are not supported."""
    if mode != "constant":
        raise NotImplementedError(f"pad(mode={mode!r}) is not supported; 'constant' is")
    return constant_pad_nd(input, pad, 0 if value is None else value)
