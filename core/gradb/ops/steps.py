"""Rounding and remainders: frac, fmod, round(decimals=), nan_to_num, clamp by tensors."""

import math
from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import promoted
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.pointwise import ROUND, offer
from gradb.ops.registry import tensor_method, torch_name

FRAC = Op(
    "FracBackward0",
    lambda self: self - np.trunc(not_for("biu", "frac", self)),
    name="frac",
    symbol="self without its whole part",
    self=Grad("∂L/∂out", lambda grad: grad),
)
frac = offer("frac", FRAC)


def _fmod(self: Any, other: Any) -> Any:
    x, y = promoted(self, other)
    if x.dtype.kind != "f" and not isinstance(y, float) and np.any(np.asarray(y) == 0):
        raise RuntimeError("fmod of integers by zero")
    return np.fmod(not_for("b", "fmod", x), y)


def _truncated(x: Any) -> Any:
    return x.trunc() if isinstance(x, Tensor) else np.trunc(x)


FMOD = Op(
    "FmodBackward0",
    _fmod,
    name="fmod",
    symbol="self - other · trunc(self / other)",
    self=Grad("∂L/∂out", lambda grad: grad),
)
FMOD_TENSOR = Op(
    "FmodBackward1",
    _fmod,
    name="fmod",
    symbol="self - other · trunc(self / other)",
    elementwise=True,
    self=Grad("∂L/∂out", lambda grad: grad),
    other=Grad("-∂L/∂out · trunc(self / other)", lambda grad, self, other: -grad * _truncated(self / other)),
)


@torch_name()
@tensor_method()
def fmod(input: Tensor, other: Any) -> Tensor:
    """What division leaves; its sign is that of the input."""
    return apply(FMOD_TENSOR, input, other) if isinstance(other, Tensor) else unary(FMOD, input, other)


@tensor_method()
def fmod_(self: Tensor, other: Any) -> Tensor:
    """The remainder of division, in place."""
    return write_through(FMOD_TENSOR if isinstance(other, Tensor) else FMOD, self, other)


def _rounded(self: Any, decimals: int) -> Any:
    not_for("biu", "round with decimals", self)
    scale = self.dtype.type(10.0 ** abs(decimals))
    return np.rint(self * scale) / scale if decimals >= 0 else np.rint(self / scale) * scale


ROUND_DECIMALS = Op("RoundBackward1", _rounded, name="round", symbol="round(self)", self=Grad("0", lib.zeros_like))


@torch_name("round")
@tensor_method("round")
def rounded(input: Tensor, *, decimals: int | None = None) -> Tensor:
    """Rounded to whole numbers, or to so many decimals; halves go to the even neighbour."""
    return unary(ROUND, input) if decimals is None else unary(ROUND_DECIMALS, input, decimals)


def _cleaned(self: Any, nan: float | None, posinf: float | None, neginf: float | None) -> Any:
    if self.dtype.kind != "f":
        return self.copy()
    limits = np.finfo(self.dtype)
    high = self.dtype.type(limits.max if posinf is None else posinf)
    low = self.dtype.type(limits.min if neginf is None else neginf)
    result = np.where(np.isnan(self), self.dtype.type(0 if nan is None else nan), self)
    return np.where(self == math.inf, high, np.where(self == -math.inf, low, result))


def _where_finite(grad: Any, self: Any) -> Any:
    finite = np.isfinite(lib.plain(self)).astype(lib.plain(grad).dtype)
    return grad * (Tensor._wrap(finite) if isinstance(grad, Tensor) else finite)


NAN_TO_NUM = Op(
    "NanToNumBackward0",
    _cleaned,
    name="nan_to_num",
    symbol="self with numbers for NaN and ±Inf",
    self=Grad(
        "∂L/∂out where self is finite, else 0",
        _where_finite,
    ),
)


@torch_name()
@tensor_method()
def nan_to_num(
    input: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """NaN becomes 0 and ±Inf the largest numbers there are, unless told otherwise."""
    return unary(NAN_TO_NUM, input, nan, posinf, neginf)


@tensor_method()
def nan_to_num_(
    self: Tensor, nan: float | None = None, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """Replaces NaN and ±Inf in place."""
    return write_through(NAN_TO_NUM, self, nan, posinf, neginf)
