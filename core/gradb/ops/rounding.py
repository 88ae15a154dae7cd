"""Floor division and remainders: // and %, fmod."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import binary, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import promoted
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.dtypes import floats
from gradb.ops.pointwise import trunc as trunc
from gradb.ops.registry import tensor_method, torch_name


def _is_operand(value: Any) -> bool:
    return isinstance(value, (Tensor, int, float, np.number, np.bool_))


def _refuse(grad: Any) -> Any:
    raise RuntimeError("derivative for floor_divide is not implemented; use torch.floor(a / b), whose gradient is 0")


def _not_for_bools(op: str, *operands: Any) -> None:
    if all(np.asarray(operand).dtype.kind == "b" for operand in operands):
        not_for("b", op, *map(np.asarray, operands))


def _floor_divide(self: Any, other: Any) -> Any:
    _not_for_bools("floor_divide", self, other)
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


FLOOR_DIVIDE_NUMBER = Op(
    "NotImplemented",
    lambda self, other: _floor_divide(*promoted(self, other)),
    name="floor_divide",
    symbol="⌊self / other⌋",
    self=Grad("not defined", _refuse),
)
NUMBER_REMAINDER = Op(
    "NotImplemented",
    lambda other, self: _remainder(*promoted(self, other)),
    name="remainder",
    symbol="self - other · ⌊self / other⌋",
    other=Grad("not defined", _refuse),
)
DIVIDE_ROUNDED = Op(
    "DivBackward2",
    lambda self, other, rounding_mode: _rounded_quotient(self, other, rounding_mode),
    name="div",
    symbol="self / other, rounded",
    elementwise=True,
    self=Grad(
        "0 (∂L/∂out / other without rounding)",
        lambda grad, other, rounding_mode: lib.zeros_like(grad) if rounding_mode else grad / other,
    ),
    other=Grad(
        "0 (-∂L/∂out · self / other² without rounding)",
        lambda grad, self, other, rounding_mode: (
            lib.zeros_like(grad) if rounding_mode else -grad * ((self / other) / other)
        ),
    ),
)


def _rounded_quotient(self: Any, other: Any, rounding_mode: str | None) -> Any:
    if rounding_mode == "floor":
        return _floor_divide(self, other)
    kind = np.result_type(self, other)
    quotient = np.true_divide(floats(np.asarray(self)), floats(np.asarray(other)))
    if rounding_mode is None or kind.kind == "f":
        return quotient if rounding_mode is None else np.trunc(quotient)
    if np.any(np.asarray(other) == 0):
        raise RuntimeError("division of integers by zero")
    return (np.abs(self) // np.abs(other) * (np.sign(self) * np.sign(other))).astype(kind)


def divide_rounded(input: Any, other: Any, rounding_mode: str | None) -> Tensor:
    """The quotient as it is (None), rounded down ("floor") or towards 0 ("trunc"), in one op as in torch."""
    if rounding_mode not in (None, "floor", "trunc"):
        raise RuntimeError(f"rounding_mode is None, 'trunc' or 'floor', found {rounding_mode!r}")
    return binary(DIVIDE_ROUNDED, input, other, rounding_mode)


def _remainder(self: Any, other: Any) -> Any:
    _not_for_bools("remainder", self, other)
    if np.asarray(self).dtype.kind != "f" and np.any(np.asarray(other) == 0):
        raise RuntimeError("remainder of integers divided by zero")
    return np.remainder(self, other)


REMAINDER = Op(
    "RemainderBackward0",
    lambda self, other: _remainder(*promoted(self, other)),
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
    if isinstance(input, Tensor) and not isinstance(other, Tensor):
        return unary(FLOOR_DIVIDE_NUMBER, input, other)
    return binary(FLOOR_DIVIDE, input, other)


@tensor_method()
def __rfloordiv__(self: Tensor, other: Any) -> Any:
    return binary(FLOOR_DIVIDE, other, self) if _is_operand(other) else NotImplemented


@tensor_method("floor_divide_", "__ifloordiv__")
def floor_divide_(self: Tensor, other: Any) -> Tensor:
    """Divides and rounds down in place."""
    return write_through(FLOOR_DIVIDE if isinstance(other, Tensor) else FLOOR_DIVIDE_NUMBER, self, other)


@torch_name()
@tensor_method("remainder", "__mod__")
def remainder(input: Any, other: Any) -> Tensor:
    """What floor division leaves; its sign is that of other."""
    if isinstance(input, Tensor) and not isinstance(other, Tensor):
        return unary_number(input, other)
    if not isinstance(input, Tensor):
        return unary(NUMBER_REMAINDER, other, input)
    return binary(REMAINDER_TENSOR, input, other)


def unary_number(input: Tensor, other: Any) -> Tensor:
    """The remainder by a number; a float makes floats of integers."""
    return unary(REMAINDER, input, other)


@tensor_method("remainder_", "__imod__")
def remainder_(self: Tensor, other: Any) -> Tensor:
    """What floor division leaves, in place."""
    return write_through(REMAINDER_TENSOR if isinstance(other, Tensor) else REMAINDER, self, other)


@tensor_method()
def __rmod__(self: Tensor, other: Any) -> Any:
    return unary(NUMBER_REMAINDER, self, other) if _is_operand(other) else NotImplemented
