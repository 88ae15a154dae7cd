"""Choosing between elements: where, clamp, maximum, minimum, masked_fill."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply, binary, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import promoted, result_type
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.registry import tensor_method, torch_name


def _where(self: Any, other: Any, condition: Any) -> Any:
    return np.where(condition, self, other)


WHERE = Op(
    "WhereBackward0",
    _where,
    name="where",
    symbol="self where condition, else other",
    self=Grad("∂L/∂out where condition, else 0", lambda grad, condition: lib.where(condition, grad, 0.0)),
    other=Grad("0 where condition, else ∂L/∂out", lambda grad, condition: lib.where(condition, 0.0, grad)),
)
MASKED_FILL = Op(
    "MaskedFillBackward0",
    lambda self, mask, value: np.where(mask, np.asarray(value, self.dtype), self),
    name="masked_fill",
    symbol="value where mask, else self",
    self=Grad("0 where mask, else ∂L/∂out", lambda grad, mask: lib.where(mask, 0.0, grad)),
)


def _clamp(self: Any, min: Any, max: Any) -> Any:
    if self.dtype.kind != "f" and (type(min) is float or type(max) is float):
        self = self.astype(result_type(self, 0.5))
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


def _share(grad: Any, mine: Any, others: Any) -> Any:
    """Of two equal numbers each gets half of the gradient."""
    return lib.where(lib.plain(mine) == lib.plain(others), grad / 2, grad)


MAXIMUM = Op(
    "MaximumBackward0",
    lambda self, other: np.maximum(self, other),
    name="maximum",
    symbol="max(self, other)",
    elementwise=True,
    self=Grad(
        "∂L/∂out where self is larger (half where equal)",
        lambda grad, self, other: lib.where(lib.plain(self) < lib.plain(other), 0.0, _share(grad, self, other)),
    ),
    other=Grad(
        "∂L/∂out where other is larger (half where equal)",
        lambda grad, self, other: lib.where(lib.plain(self) > lib.plain(other), 0.0, _share(grad, self, other)),
    ),
)
MINIMUM = Op(
    "MinimumBackward0",
    lambda self, other: np.minimum(self, other),
    name="minimum",
    symbol="min(self, other)",
    elementwise=True,
    self=Grad(
        "∂L/∂out where self is smaller (half where equal)",
        lambda grad, self, other: lib.where(lib.plain(self) > lib.plain(other), 0.0, _share(grad, self, other)),
    ),
    other=Grad(
        "∂L/∂out where other is smaller (half where equal)",
        lambda grad, self, other: lib.where(lib.plain(self) < lib.plain(other), 0.0, _share(grad, self, other)),
    ),
)
CLAMP_MIN = Op(
    "ClampMinBackward0",
    lambda self, min: np.maximum(self, self.dtype.type(min)),
    name="clamp_min",
    symbol="max(self, min)",
    self=Grad(
        "∂L/∂out where self >= min, else 0",
        lambda grad, self, min: lib.where(lib.plain(self) >= min, grad, 0.0),
    ),
)
CLAMP_MAX = Op(
    "ClampMaxBackward0",
    lambda self, max: np.minimum(self, self.dtype.type(max)),
    name="clamp_max",
    symbol="min(self, max)",
    self=Grad(
        "∂L/∂out where self <= max, else 0",
        lambda grad, self, max: lib.where(lib.plain(self) <= max, grad, 0.0),
    ),
)


@torch_name()
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """input where the condition holds, else other; with the condition alone, the indices where it holds."""
    if not isinstance(condition, Tensor) or condition._array.dtype.kind != "b":
        raise RuntimeError("where takes a bool tensor as its condition; make one by a comparison")
    if input is None and other is None:
        return tuple([Tensor._wrap(indices) for indices in np.nonzero(condition._array)])
    arrays = [v._array if isinstance(v, Tensor) else v for v in (input, other)]
    dtype = result_type(*arrays)
    values: list[Any] = []
    for value in (input, other):
        if isinstance(value, Tensor):
            values.append(value if value._array.dtype == dtype else value.to(_dtype(dtype)))
        else:
            values.append(Tensor._wrap(np.asarray(value, dtype)))
    return apply(WHERE, *values, condition)


def _dtype(numpy_dtype: Any) -> Any:
    from gradb.ops.dtypes import DTYPES

    return DTYPES[numpy_dtype]


@tensor_method("where")
def _where_method(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """The tensor where the condition holds, else other."""
    return where(condition, self, other)


@torch_name()
@tensor_method()
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """value where the mask is true, else the input."""
    number = value.item() if isinstance(value, Tensor) else value
    return unary_with_mask(input, mask, number)


def unary_with_mask(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    shape = np.broadcast_shapes(input._array.shape, mask._array.shape)
    return apply(MASKED_FILL, input if input._array.shape == shape else input.expand(shape), mask, value)


@tensor_method()
def masked_fill_(self: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Writes value where the mask is true."""
    return write_through(MASKED_FILL, self, mask, value.item() if isinstance(value, Tensor) else value)


@torch_name("clamp", "clip")
@tensor_method("clamp", "clip")
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Each element moved to min or max where it is beyond; these are numbers or tensors."""
    if min is None and max is None:
        raise RuntimeError("clamp wants min, max, or both")
    if isinstance(min, Tensor) or isinstance(max, Tensor):
        result = input if min is None else maximum(input, min)
        return result if max is None else minimum(result, max)
    return unary(CLAMP, input, min, max)


@tensor_method("clamp_", "clip_")
def clamp_(self: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Clamps in place."""
    if min is None and max is None:
        raise RuntimeError("clamp_ wants min, max, or both")
    return write_through(CLAMP, self, min, max)


@torch_name()
@tensor_method()
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """At least min."""
    return unary(CLAMP_MIN, input, min)


@torch_name()
@tensor_method()
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """At most max."""
    return unary(CLAMP_MAX, input, max)


@torch_name()
@tensor_method()
def maximum(input: Tensor, other: Any) -> Tensor:
    """The larger of two, element by element."""
    return binary(MAXIMUM, input, other if isinstance(other, Tensor) else Tensor._wrap(np.asarray(*promoted(other))))


@torch_name()
@tensor_method()
def minimum(input: Tensor, other: Any) -> Tensor:
    """The smaller of two, element by element."""
    return binary(MINIMUM, input, other if isinstance(other, Tensor) else Tensor._wrap(np.asarray(*promoted(other))))
