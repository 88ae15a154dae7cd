"""+ - * / ** and their in-place forms, as functions, methods and operators."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import binary, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import BOOL, promoted
from gradb.autograd.tensor import Tensor
from gradb.ops.complain import not_for
from gradb.ops.dtypes import floats
from gradb.ops.registry import tensor_method, torch_name


def _scaled(value: Any, alpha: Any) -> Any:
    if alpha == 1:
        return value
    return value & bool(alpha) if getattr(value, "dtype", None) is BOOL else value * alpha


def _add(self: Any, other: Any, alpha: Any) -> Any:
    return np.add(self, _scaled(other, alpha))


def _subtract(self: Any, other: Any, alpha: Any) -> Any:
    if type(other) is bool or (type(self) is np.ndarray and self.dtype is BOOL):
        complaints.refuse_bools("sub", self, other)
    return np.subtract(self, _scaled(other, alpha))


def _divide(self: Any, other: Any) -> Any:
    return np.true_divide(floats(self), floats(other))


def _reversed_subtract(self: Any, other: Any, alpha: Any) -> Any:
    complaints.refuse_bools("rsub", self, other)
    left, right = promoted(other, self)
    return np.subtract(left, _scaled(right, alpha))


ADD = Op(
    "AddBackward0",
    _add,
    name="add",
    symbol="self + alpha · other",
    inputs=2,
    elementwise=True,
    self=Grad("∂L/∂out", lambda grad: grad),
    other=Grad("∂L/∂out · alpha", lambda grad, alpha: _scaled(grad, alpha)),
)

SUB = Op(
    "SubBackward0",
    _subtract,
    name="sub",
    symbol="self - alpha · other",
    inputs=2,
    elementwise=True,
    no_bools=True,
    self=Grad("∂L/∂out", lambda grad: grad),
    other=Grad("-∂L/∂out · alpha", lambda grad, alpha: -_scaled(grad, alpha)),
)

RSUB = Op(
    "RsubBackward1",
    _reversed_subtract,
    name="rsub",
    symbol="other - alpha · self",
    self=Grad("-∂L/∂out · alpha", lambda grad, alpha: -_scaled(grad, alpha)),
)

MUL = Op(
    "MulBackward0",
    lambda self, other: np.multiply(self, other),
    name="mul",
    symbol="self · other",
    elementwise=True,
    self=Grad("∂L/∂out · other", lambda grad, other: grad * other),
    other=Grad("∂L/∂out · self", lambda grad, self: grad * self),
)

DIV = Op(
    "DivBackward0",
    _divide,
    name="div",
    symbol="self / other",
    elementwise=True,
    makes_floats=True,
    self=Grad("∂L/∂out / other", lambda grad, other: grad / other),
    other=Grad("-∂L/∂out · self / other²", lambda grad, self, other: -grad * ((self / other) / other)),
)

MUL_NUMBER = Op(
    "MulBackward1",
    lambda self, other: np.multiply(self, other),
    name="mul",
    symbol="self · other",
    self=Grad("∂L/∂out · other", lambda grad, other: grad * other),
)
DIV_NUMBER = Op(
    "DivBackward1",
    _divide,
    name="div",
    symbol="self / other",
    self=Grad("∂L/∂out / other", lambda grad, other: grad / other),
)

RECIPROCAL = Op(
    "ReciprocalBackward0",
    lambda self: _divide(1, self),
    name="reciprocal",
    symbol="1 / self",
    self=Grad("-∂L/∂out · result²", lambda grad, result: -grad * (result * result)),
)


NEG = Op(
    "NegBackward0",
    lambda self: np.negative(not_for("b", "negation", self, error=RuntimeError)),
    name="neg",
    symbol="-self",
    self=Grad("-∂L/∂out", lambda grad: -grad),
)


_OPERANDS = (Tensor, int, float, np.number, np.bool_)


def _is_operand(value: Any) -> bool:
    return isinstance(value, _OPERANDS)


@torch_name()
@tensor_method()
def add(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input + alpha · other, elementwise with broadcasting."""
    return binary(ADD, input, other, alpha)


@torch_name("sub", "subtract")
@tensor_method("sub", "subtract")
def sub(input: Any, other: Any, *, alpha: Any = 1) -> Tensor:
    """input - alpha · other, elementwise with broadcasting."""
    if not isinstance(input, Tensor):
        return unary(RSUB, other, input, 1)
    return binary(SUB, input, other, alpha)


@torch_name()
def rsub(input: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """other - alpha · input."""
    return sub(other, input, alpha=alpha) if isinstance(other, Tensor) else unary(RSUB, input, other, alpha)


@torch_name("mul", "multiply")
@tensor_method("mul", "multiply")
def mul(input: Any, other: Any) -> Tensor:
    """input · other, elementwise with broadcasting."""
    return binary(MUL, input, other)


@torch_name("div", "divide", "true_divide")
@tensor_method("div", "divide", "true_divide")
def div(input: Any, other: Any, *, rounding_mode: Any = ...) -> Tensor:
    """input / other, elementwise with broadcasting; floats come out of integers."""
    if rounding_mode is not ...:  # None, given, makes another node than nothing given
        from gradb.ops.rounding import divide_rounded

        return divide_rounded(input, other, rounding_mode)
    return binary(DIV, input, other)


@torch_name()
@tensor_method()
def reciprocal(input: Tensor) -> Tensor:
    """1 / input."""
    return unary(RECIPROCAL, input)


@torch_name("neg", "negative")
@tensor_method("neg", "negative", "__neg__")
def neg(input: Tensor) -> Tensor:
    """-input."""
    return unary(NEG, input)


@torch_name()
@tensor_method("positive", "__pos__")
def positive(input: Tensor) -> Tensor:
    """The tensor itself."""
    return input


@tensor_method("__add__", "__radd__")
def _plus(self: Tensor, other: Any) -> Any:
    return binary(ADD, self, other, 1) if _is_operand(other) else NotImplemented


@tensor_method("__sub__")
def _minus(self: Tensor, other: Any) -> Any:
    return binary(SUB, self, other, 1) if _is_operand(other) else NotImplemented


@tensor_method("__rsub__")
def _rminus(self: Tensor, other: Any) -> Any:
    return unary(RSUB, self, other, 1) if _is_operand(other) else NotImplemented


@tensor_method("__mul__", "__rmul__")
def _times(self: Tensor, other: Any) -> Any:
    return binary(MUL, self, other) if _is_operand(other) else NotImplemented


@tensor_method("__truediv__")
def _over(self: Tensor, other: Any) -> Any:
    return binary(DIV, self, other) if _is_operand(other) else NotImplemented


@tensor_method("__rtruediv__")
def _under(self: Tensor, other: Any) -> Any:
    return binary(MUL, unary(RECIPROCAL, self), other) if _is_operand(other) else NotImplemented


@tensor_method("add_", "__iadd__")
def add_(self: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Adds alpha · other in place."""
    return write_through(ADD, self, other, alpha)


@tensor_method("sub_", "subtract_", "__isub__")
def sub_(self: Tensor, other: Any, *, alpha: Any = 1) -> Tensor:
    """Subtracts alpha · other in place."""
    return write_through(SUB, self, other, alpha)


@tensor_method("mul_", "multiply_", "__imul__")
def mul_(self: Tensor, other: Any) -> Tensor:
    """Multiplies by other in place."""
    return write_through(MUL, self, other)


@tensor_method("div_", "divide_", "__itruediv__")
def div_(self: Tensor, other: Any) -> Tensor:
    """Divides by other in place."""
    return write_through(DIV, self, other)


@tensor_method()
def neg_(self: Tensor) -> Tensor:
    """Negates in place."""
    return write_through(NEG, self)
