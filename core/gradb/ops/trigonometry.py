"""Angles: asin, acos, atan, atan2, sinh, cosh, asinh, acosh, atanh, hypot, sinc, deg2rad, rad2deg."""

import math
from typing import Any

import numpy as np

from gradb.autograd.dispatch import binary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.dtypes import floats
from gradb.ops.pointwise import offer
from gradb.ops.registry import tensor_method, torch_name


def _root(x: Any) -> Any:
    return x.sqrt() if isinstance(x, Tensor) else np.sqrt(x)


def _sinh(x: Any) -> Any:
    return x.sinh() if isinstance(x, Tensor) else np.sinh(x)


def _cosh(x: Any) -> Any:
    return x.cosh() if isinstance(x, Tensor) else np.cosh(x)


ASIN = Op(
    "AsinBackward0",
    lambda self: np.arcsin(floats(self)),
    name="asin",
    symbol="asin(self)",
    self=Grad("∂L/∂out / √(1 - self²)", lambda grad, self: grad / _root(1 - self * self)),
)
ACOS = Op(
    "AcosBackward0",
    lambda self: np.arccos(floats(self)),
    name="acos",
    symbol="acos(self)",
    self=Grad("-∂L/∂out / √(1 - self²)", lambda grad, self: -grad / _root(1 - self * self)),
)
ATAN = Op(
    "AtanBackward0",
    lambda self: np.arctan(floats(self)),
    name="atan",
    symbol="atan(self)",
    self=Grad("∂L/∂out / (1 + self²)", lambda grad, self: grad / (self * self + 1)),
)
SINH = Op(
    "SinhBackward0",
    lambda self: np.sinh(floats(self)),
    name="sinh",
    symbol="sinh(self)",
    self=Grad("∂L/∂out · cosh(self)", lambda grad, self: grad * _cosh(self)),
)
COSH = Op(
    "CoshBackward0",
    lambda self: np.cosh(floats(self)),
    name="cosh",
    symbol="cosh(self)",
    self=Grad("∂L/∂out · sinh(self)", lambda grad, self: grad * _sinh(self)),
)
ASINH = Op(
    "AsinhBackward0",
    lambda self: np.arcsinh(floats(self)),
    name="asinh",
    symbol="asinh(self)",
    self=Grad("∂L/∂out / √(self² + 1)", lambda grad, self: grad / _root(self * self + 1)),
)
ACOSH = Op(
    "AcoshBackward0",
    lambda self: np.arccosh(floats(self)),
    name="acosh",
    symbol="acosh(self)",
    self=Grad("∂L/∂out / √(self² - 1)", lambda grad, self: grad / _root(self * self - 1)),
)
ATANH = Op(
    "AtanhBackward0",
    lambda self: np.arctanh(floats(self)),
    name="atanh",
    symbol="atanh(self)",
    self=Grad("∂L/∂out / (1 - self²)", lambda grad, self: grad / (1 - self * self)),
)


def _sinc_gradient(grad: Any, self: Any) -> Any:
    angle = self * math.pi
    slope = (angle * lib.cos(angle) - lib.sin(angle)) / (angle * self)
    return lib.where(lib.plain(self) == 0, 0.0, grad * slope)


SINC = Op(
    "SincBackward0",
    lambda self: np.sinc(floats(self)),
    name="sinc",
    symbol="sin(π · self) / (π · self)",
    self=Grad("∂L/∂out · (cos(π · self) - result) / self", _sinc_gradient),
)
DEG2RAD = Op(
    "Deg2RadBackward0",
    lambda self: floats(self) * (math.pi / 180),
    name="deg2rad",
    symbol="self · π / 180",
    self=Grad("∂L/∂out · π / 180", lambda grad: grad * (math.pi / 180)),
)
RAD2DEG = Op(
    "Rad2DegBackward0",
    lambda self: floats(self) * (180 / math.pi),
    name="rad2deg",
    symbol="self · 180 / π",
    self=Grad("∂L/∂out · 180 / π", lambda grad: grad * (180 / math.pi)),
)

asin = offer("asin", ASIN, "arcsin")
acos = offer("acos", ACOS, "arccos")
atan = offer("atan", ATAN, "arctan")
sinh = offer("sinh", SINH)
cosh = offer("cosh", COSH)
asinh = offer("asinh", ASINH, "arcsinh")
acosh = offer("acosh", ACOSH, "arccosh")
atanh = offer("atanh", ATANH, "arctanh")
sinc = offer("sinc", SINC)
deg2rad = offer("deg2rad", DEG2RAD)
rad2deg = offer("rad2deg", RAD2DEG)


def _refused(grad: Any) -> Any:
    raise NotImplementedError("asinh_ has no gradient, as in torch: use asinh")


ASINH_IN_PLACE = Op(
    "AsinhBackward1",
    lambda self: np.arcsinh(floats(self)),
    name="asinh",
    symbol="asinh(self)",
    self=Grad("not defined", _refused),
)


@tensor_method("asinh_", "arcsinh_")
def asinh_(self: Tensor) -> Tensor:
    """asinh(self), element by element, in place."""
    return write_through(ASINH_IN_PLACE, self)


def _over_squares(grad: Any, self: Any, other: Any) -> Any:
    squares = self * self + other * other
    return lib.where(lib.plain(squares) == 0, 0.0, grad / squares)


ATAN2 = Op(
    "Atan2Backward0",
    lambda self, other: np.arctan2(floats(self), floats(other)),
    name="atan2",
    symbol="the angle of (other, self)",
    elementwise=True,
    self=Grad(
        "∂L/∂out · other / (self² + other²)",
        lambda grad, self, other: _over_squares(grad, self, other) * other,
    ),
    other=Grad(
        "-∂L/∂out · self / (self² + other²)",
        lambda grad, self, other: _over_squares(grad, self, other) * -self,
    ),
)


HYPOT = Op(
    "HypotBackward0",
    lambda self, other: np.hypot(not_for("biu", "hypot", self), other),
    name="hypot",
    symbol="√(self² + other²)",
    elementwise=True,
    self=Grad("∂L/∂out · self / result", lambda grad, self, result: grad * (self / result)),
    other=Grad("∂L/∂out · other / result", lambda grad, other, result: grad * (other / result)),
)


def _want_tensor(op: str, other: Any) -> None:
    if not isinstance(other, Tensor):
        raise TypeError(f"{op} takes two tensors, found {type(other).__name__}")


@torch_name("atan2", "arctan2")
@tensor_method("atan2", "arctan2")
def atan2(input: Tensor, other: Tensor) -> Tensor:
    """The angle from the first axis to the point (other, input), between -π and π."""
    _want_tensor("atan2", other)
    return binary(ATAN2, input, other)


@tensor_method("atan2_", "arctan2_")
def atan2_(self: Tensor, other: Tensor) -> Tensor:
    """The angle of (other, self), in place."""
    _want_tensor("atan2_", other)
    return write_through(ATAN2, self, other)


@torch_name()
@tensor_method()
def hypot(input: Tensor, other: Tensor) -> Tensor:
    """The length of the hypotenuse, without overflow."""
    _want_tensor("hypot", other)
    return binary(HYPOT, input, other)
