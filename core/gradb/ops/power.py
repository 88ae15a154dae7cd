"""Powers: `x ** 2`, `x ** y`, `2 ** x`, square, sqrt, rsqrt."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import binary, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import promoted
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.dtypes import floats, get_default_dtype
from gradb.ops.registry import tensor_method, torch_name


def _to_number(self: Any, exponent: Any) -> Any:
    if type(exponent) is bool and self.dtype.kind == "b":
        return self | (not exponent)
    if exponent == 2:
        return np.multiply(self, self) if self.dtype.kind != "b" else self.astype(np.int64)
    if self.dtype.kind != "f":
        if type(exponent) is float:
            self = self.astype(get_default_dtype().numpy)
        elif exponent < 0:
            raise RuntimeError("integers cannot be raised to a negative power; convert the tensor with .float()")
    if exponent == 0.5:
        return np.sqrt(self)
    if exponent == 3:
        return self * self * self
    return np.power(self, exponent)


def _power(self: Any, exponent: Any) -> Any:
    not_for("b", "pow", self)
    return np.power(self, exponent)


def _gradient_to_number(grad: Any, self: Any, exponent: Any) -> Any:
    if exponent == 2:
        return grad * (self + self)
    if exponent == 0:
        return lib.zeros_like(grad)
    return grad * (exponent * lib.power(self, exponent - 1))


def _gradient_of_base(grad: Any, self: Any, exponent: Any) -> Any:
    return lib.where(lib.plain(exponent) == 0, 0.0, grad * (exponent * lib.power(self, exponent - 1)))


def _gradient_of_exponent(grad: Any, self: Any, exponent: Any, result: Any) -> Any:
    """0 where self is 0 and the exponent is not negative: there the result is constant."""
    base = lib.plain(self)
    return grad * lib.where((base == 0) & (lib.plain(exponent) >= 0), 0.0, result * lib.log(self))


POW_NUMBER = Op(
    "PowBackward0",
    _to_number,
    name="pow",
    symbol="self ^ exponent",
    self=Grad("∂L/∂out · exponent · self^(exponent - 1)", _gradient_to_number),
)

POW = Op(
    "PowBackward1",
    _power,
    name="pow",
    symbol="self ^ exponent",
    elementwise=True,
    self=Grad("∂L/∂out · exponent · self^(exponent - 1)", _gradient_of_base),
    exponent=Grad("∂L/∂out · result · ln(self)", _gradient_of_exponent),
)


def _number_power(exponent: Any, self: Any) -> Any:
    base, power_of = promoted(self, exponent)
    return _power(np.asarray(base, power_of.dtype), power_of)


POW_OF_NUMBER = Op(
    "PowBackward2",
    _number_power,
    name="pow",
    symbol="self ^ exponent",
    exponent=Grad(
        "∂L/∂out · result · ln(self)",
        lambda grad, self, result: grad * (result * float(np.log(self))) if self != 0 else lib.zeros_like(grad),
    ),
    shows=("exponent",),
)

SQRT = Op(
    "SqrtBackward0",
    lambda self: np.sqrt(floats(self)),
    name="sqrt",
    symbol="√self",
    self=Grad("∂L/∂out / (2 · result)", lambda grad, result: grad / (2 * result)),
)

RSQRT = Op(
    "RsqrtBackward0",
    lambda self: 1 / np.sqrt(floats(self)),
    name="rsqrt",
    symbol="1 / √self",
    self=Grad("-½ · ∂L/∂out · result³", lambda grad, result: -0.5 * grad * (result * result * result)),
)


@torch_name("pow")
@tensor_method("pow")
def power(input: Any, exponent: Any) -> Tensor:
    """input to the power of exponent; at least one of them is a tensor."""
    if isinstance(exponent, Tensor):
        return binary(POW, input, exponent) if isinstance(input, Tensor) else unary(POW_OF_NUMBER, exponent, input)
    if not isinstance(exponent, (int, float)):
        exponent = exponent.item()
    return unary(POW_NUMBER, input, exponent)


@tensor_method()
def __pow__(self: Tensor, exponent: Any) -> Any:
    kind = type(exponent)
    if kind is int or kind is float:
        return unary(POW_NUMBER, self, exponent)
    return power(self, exponent) if isinstance(exponent, (Tensor, int, float, np.number)) else NotImplemented


@tensor_method()
def __rpow__(self: Tensor, base: Any) -> Any:
    return power(base, self) if isinstance(base, (int, float, np.number)) else NotImplemented


@tensor_method("pow_", "__ipow__")
def pow_(self: Tensor, exponent: Any) -> Tensor:
    """Raises to a power in place."""
    return write_through(POW if isinstance(exponent, Tensor) else POW_NUMBER, self, exponent)


@torch_name()
@tensor_method()
def square(input: Tensor) -> Tensor:
    """input²."""
    return unary(POW_NUMBER, input, 2)


@torch_name()
@tensor_method()
def sqrt(input: Tensor) -> Tensor:
    """The square root."""
    return unary(SQRT, input)


@tensor_method()
def sqrt_(self: Tensor) -> Tensor:
    """Takes the square root in place."""
    return write_through(SQRT, self)


@torch_name()
@tensor_method()
def rsqrt(input: Tensor) -> Tensor:
    """1 / the square root."""
    return unary(RSQRT, input)
