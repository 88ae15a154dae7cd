"""Clamping by numbers or by tensors: clamp, clamp_min, clamp_max, and their in-place forms."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import result_type
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.registry import tensor_method, torch_name


def _clamp(self: Any, min: Any, max: Any) -> Any:
    if self.dtype.kind != "f":
        self = self.astype(result_type(self, *[bound for bound in (min, max) if bound is not None]))
    if min is not None:
        self = np.maximum(self, self.dtype.type(min))
    return np.minimum(self, self.dtype.type(max)) if max is not None else self


def _inside(x: Any, low: Any, high: Any) -> Any:
    inside = np.ones(x.shape, np.bool_) if low is None else x >= low
    return inside if high is None else inside & (x <= high)


CLAMP = Op(
    "ClampBackward1",
    _clamp,
    name="clamp",
    symbol="self between min and max",
    self=Grad(
        "∂L/∂out where min <= self <= max, else 0",
        lambda grad, self, min, max: lib.where(_inside(lib.plain(self), min, max), grad, 0.0),
    ),
)
CLAMP_MIN = Op(
    "ClampMinBackward0",
    lambda self, min: _clamp(self, min, None),
    name="clamp_min",
    symbol="max(self, min)",
    self=Grad(
        "∂L/∂out where self >= min, else 0",
        lambda grad, self, min: lib.where(lib.plain(self) >= min, grad, 0.0),
    ),
)
CLAMP_MAX = Op(
    "ClampMaxBackward0",
    lambda self, max: _clamp(self, None, max),
    name="clamp_max",
    symbol="min(self, max)",
    self=Grad(
        "∂L/∂out where self <= max, else 0",
        lambda grad, self, max: lib.where(lib.plain(self) <= max, grad, 0.0),
    ),
)


def _clamp_by_tensors(self: Any, min: Any, max: Any) -> Any:
    if min is not None and max is not None:
        not_for("b", "clamp", self)
    low = self if min is None else np.maximum(self, min)
    return low if max is None else np.minimum(low, max)


def _within(grad: Any, self: Any, min: Any, max: Any) -> Any:
    array = lib.plain(self)
    inside = np.ones(array.shape, np.bool_) if min is None else array >= lib.plain(min)
    return lib.where(inside if max is None else inside & (array <= lib.plain(max)), grad, 0.0)


def _at_min(grad: Any, self: Any, min: Any, max: Any) -> Any:
    low = lib.plain(self) < lib.plain(min)
    return lib.where(low if max is None else low & (lib.plain(min) < lib.plain(max)), grad, 0.0)


def _at_max(grad: Any, self: Any, min: Any, max: Any) -> Any:
    high = lib.plain(self) > lib.plain(max)
    return lib.where(high if min is None else high | (lib.plain(max) < lib.plain(min)), grad, 0.0)


CLAMP_TENSORS = Op(
    "ClampBackward0",
    _clamp_by_tensors,
    name="clamp",
    symbol="self between min and max",
    elementwise=True,
    self=Grad("∂L/∂out where min <= self <= max, else 0", _within),
    min=Grad("∂L/∂out where self < min, else 0", _at_min),
    max=Grad("∂L/∂out where self > max, else 0", _at_max),
)
CLAMP_MIN_TENSOR = Op(
    "ClampMinBackward1",
    lambda self, min: np.maximum(self, min),
    name="clamp_min",
    symbol="max(self, min)",
    elementwise=True,
    self=Grad(
        "∂L/∂out where self >= min, else 0",
        lambda grad, self, min: lib.where(lib.plain(self) >= lib.plain(min), grad, 0.0),
    ),
    min=Grad(
        "∂L/∂out where self < min, else 0",
        lambda grad, self, min: lib.where(lib.plain(self) < lib.plain(min), grad, 0.0),
    ),
)
CLAMP_MAX_TENSOR = Op(
    "ClampMaxBackward1",
    lambda self, max: np.minimum(self, max),
    name="clamp_max",
    symbol="min(self, max)",
    elementwise=True,
    self=Grad(
        "∂L/∂out where self <= max, else 0",
        lambda grad, self, max: lib.where(lib.plain(self) <= lib.plain(max), grad, 0.0),
    ),
    max=Grad(
        "∂L/∂out where self > max, else 0",
        lambda grad, self, max: lib.where(lib.plain(self) > lib.plain(max), grad, 0.0),
    ),
)


def _clamped(several: Any, one: Any, input: Tensor, min: Any, max: Any) -> Tensor:
    if min is None and max is None:
        raise RuntimeError("clamp wants min, max, or both")
    given = [bound for bound in (min, max) if bound is not None]
    if not any(isinstance(bound, Tensor) for bound in given):
        return one(CLAMP, input, min, max)
    if not all(isinstance(bound, Tensor) for bound in given):
        raise TypeError("clamp takes two numbers or two tensors, not one of each")
    return several(CLAMP_TENSORS, input, min, max)


@torch_name("clamp", "clip")
@tensor_method("clamp", "clip")
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Each element moved to min or max where it is beyond; these are numbers, or tensors."""
    return _clamped(apply, unary, input, min, max)


@tensor_method("clamp_", "clip_")
def clamp_(self: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Clamps in place."""
    return _clamped(write_through, write_through, self, min, max)


@torch_name()
@tensor_method()
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """At least min, a number or a tensor."""
    return apply(CLAMP_MIN_TENSOR, input, min) if isinstance(min, Tensor) else unary(CLAMP_MIN, input, min)


@torch_name()
@tensor_method()
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """At most max, a number or a tensor."""
    return apply(CLAMP_MAX_TENSOR, input, max) if isinstance(max, Tensor) else unary(CLAMP_MAX, input, max)


@tensor_method()
def clamp_min_(self: Tensor, min: Any) -> Tensor:
    """Raises what is below min to it, in place."""
    return write_through(CLAMP_MIN_TENSOR if isinstance(min, Tensor) else CLAMP_MIN, self, min)


@tensor_method()
def clamp_max_(self: Tensor, max: Any) -> Tensor:
    """Lowers what is above max to it, in place."""
    return write_through(CLAMP_MAX_TENSOR if isinstance(max, Tensor) else CLAMP_MAX, self, max)
