"""Floor division and remainders: // and %, fmod."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import binary, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.pointwise import trunc as trunc
from gradb.ops.registry import tensor_method, torch_name


def _is_operand(value: Any) -> bool:
    return isinstance(value, (Tensor, int, float, np.number, np.bool_))


def _refuse(grad: Any) -> Any:
    raise RuntimeError("derivative for floor_divide is not implemented; use torch.floor(a / b), whose gradient is 0")


def _floor_divide(self: Any, other: Any) -> Any:
    if np.asarray(self).dtype.kind != "f" and np.any(np.asarray(other) == 0):
        raise RuntimeError("division of integers by zero")
    return np.floor_divide(self, other)


FLOOR_DIVIDE = Op(
    "NotImplemented",
    _floor_divide,
    name="floor_divide",
    symbol="⌊self / other⌋",
    inputs=2,
    elementwise=True,
    self=Grad("not defined", _refuse),
    other=Grad("not defined", _refuse),
)


def _remainder(self: Any, other: Any) -> Any:
    if np.asarray(self).dtype.kind != "f" and np.any(np.asarray(other) == 0):
        raise RuntimeError("remainder of integers divided by zero")
    return np.remainder(self, other)


REMAINDER = Op(
    "RemainderBackward0",
    _remainder,
    name="remainder",
    symbol="self - other · ⌊self / other⌋",
    self=Grad("∂L/∂out", lambda grad: grad),
)
REMAINDER_TENSOR = Op(
    "RemainderBackward1",
    _remainder,
    name="remainder",
    symbol="self - other · ⌊self / other⌋",
    elementwise=True,
    self=Grad("∂L/∂out", lambda grad: grad),
    other=Grad("-∂L/∂out · ⌊self / other⌋", lambda grad, self, other: -grad * _floored(self, other)),
)


def _floored(self: Any, other: Any) -> Any:
    return (self / other).floor() if isinstance(self, Tensor) else np.floor(self / other)


@torch_name()
@tensor_method("floor_divide", "__floordiv__")
def floor_divide(input: Any, other: Any) -> Tensor:
    """The quotient rounded down."""
    return binary(FLOOR_DIVIDE, input, other)


@tensor_method()
def __rfloordiv__(self: Tensor, other: Any) -> Any:
    return binary(FLOOR_DIVIDE, other, self) if _is_operand(other) else NotImplemented


@tensor_method("floor_divide_", "__ifloordiv__")
def floor_divide_(self: Tensor, other: Any) -> Tensor:
    """Divides and rounds down in place."""
    return write_through(FLOOR_DIVIDE, self, other)


@torch_name()
@tensor_method("remainder", "__mod__")
def remainder(input: Any, other: Any) -> Tensor:
    """What floor division leaves; its sign is that of other."""
    if isinstance(input, Tensor) and not isinstance(other, Tensor):
        return unary_number(input, other)
    return binary(REMAINDER_TENSOR, input, other)


def unary_number(input: Tensor, other: Any) -> Tensor:
    """The remainder by a number; a float makes floats of integers."""
    if input._array.dtype.kind != "f" and isinstance(other, float):
        input = input.float()
    return unary(REMAINDER, input, other)


@tensor_method()
def __rmod__(self: Tensor, other: Any) -> Any:
    return binary(REMAINDER_TENSOR, other, self) if _is_operand(other) else NotImplemented
