"""More of exponentials and logarithms: exp2, logaddexp, logaddexp2, xlogy, logit."""

import math
from typing import Any

import numpy as np

from gradb.autograd.dispatch import binary, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import numbers_as_arrays
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.dtypes import floats
from gradb.ops.pointwise import offer
from gradb.ops.registry import tensor_method, torch_name

EXP2 = Op(
    "Exp2Backward0",
    lambda self: np.exp2(floats(self)),
    name="exp2",
    symbol="2^self",
    self=Grad("∂L/∂out · result · ln 2", lambda grad, result: grad * (result * math.log(2))),
)
exp2 = offer("exp2", EXP2)


def _exp2(x: Any) -> Any:
    return x.exp2() if isinstance(x, Tensor) else np.exp2(x)


LOGADDEXP = Op(
    "LogaddexpBackward0",
    lambda self, other: np.logaddexp(self, other),
    name="logaddexp",
    symbol="ln(e^self + e^other)",
    elementwise=True,
    self=Grad("∂L/∂out / (1 + e^(other - self))", lambda grad, self, other: grad / (1 + lib.exp(other - self))),
    other=Grad("∂L/∂out / (1 + e^(self - other))", lambda grad, self, other: grad / (1 + lib.exp(self - other))),
)
LOGADDEXP2 = Op(
    "Logaddexp2Backward0",
    lambda self, other: np.logaddexp2(self, other),
    name="logaddexp2",
    symbol="log2(2^self + 2^other)",
    elementwise=True,
    self=Grad("∂L/∂out / (1 + 2^(other - self))", lambda grad, self, other: grad / (1 + _exp2(other - self))),
    other=Grad("∂L/∂out / (1 + 2^(self - other))", lambda grad, self, other: grad / (1 + _exp2(self - other))),
)


def _xlogy(self: Any, other: Any) -> Any:
    self, other = [floats(x) for x in numbers_as_arrays([self, other])]
    result = np.where((self == 0) & ~np.isnan(other), self.dtype.type(0), self * np.log(other))
    return np.where(np.isnan(other), other, result)


def _log_where(grad: Any, self: Any, other: Any) -> Any:
    """The gradient of x · ln y for x: ln y, but 0 where x is 0 and y not positive."""
    blank = (lib.plain(self) == 0) & (lib.plain(other) <= 0)
    logarithm = lib.log(other) if not isinstance(other, int | float) else _number_log(other)
    return lib.where(blank, 0.0, grad * logarithm)


def _number_log(number: float) -> float:
    return math.log(number) if number > 0 else -math.inf if number == 0 else math.nan


_FOR_OTHER = Grad("∂L/∂out · self / other", lambda grad, self, other: grad * (self / other))
XLOGY = Op(
    "XlogyBackward0",
    _xlogy,
    name="xlogy",
    symbol="self · ln(other), 0 where self is 0",
    elementwise=True,
    self=Grad("∂L/∂out · ln(other)", _log_where),
    other=_FOR_OTHER,
)
XLOGY_OF_NUMBER = Op(
    "XlogyBackward1",
    lambda other, self: _xlogy(self, other),
    name="xlogy",
    symbol="self · ln(other), 0 where self is 0",
    other=_FOR_OTHER,
)
XLOGY_BY_NUMBER = Op(
    "XlogyBackward2",
    _xlogy,
    name="xlogy",
    symbol="self · ln(other), 0 where self is 0",
    self=Grad("∂L/∂out · ln(other)", _log_where),
)
LOGIT = Op(
    "LogitBackward0",
    lambda self, eps: _logit(self, eps),
    name="logit",
    symbol="ln(self / (1 - self))",
    self=Grad("∂L/∂out / (self · (1 - self))", lambda grad, self, eps: _logit_gradient(grad, self, eps)),
)


def _logit(self: Any, eps: float | None) -> Any:
    inside = floats(self) if eps is None else np.clip(floats(self), eps, 1 - eps)
    return np.log(inside / (1 - inside))


def _logit_gradient(grad: Any, self: Any, eps: float | None) -> Any:
    array = lib.plain(self)
    outside = (array < (0 if eps is None else eps)) | (array > (1 if eps is None else 1 - eps))
    return lib.where(outside, math.nan if eps is None else 0.0, grad / (self * (1 - self)))


def _both(op: Op, input: Any, other: Any) -> Tensor:
    if not isinstance(other, Tensor):
        raise TypeError(f"{op.info.name} takes two tensors, found {type(other).__name__}")
    not_for("biu", op.info.name, input._array)
    return binary(op, input, other)


@torch_name()
@tensor_method()
def logaddexp(input: Tensor, other: Tensor) -> Tensor:
    """ln(e^input + e^other), without overflow."""
    return _both(LOGADDEXP, input, other)


@torch_name()
@tensor_method()
def logaddexp2(input: Tensor, other: Tensor) -> Tensor:
    """log2(2^input + 2^other), without overflow."""
    return _both(LOGADDEXP2, input, other)


@torch_name()
@tensor_method()
def xlogy(input: Any, other: Any) -> Tensor:
    """input · ln(other), and 0 where input is 0."""
    if not isinstance(input, Tensor):
        return unary(XLOGY_OF_NUMBER, other, input)
    return binary(XLOGY, input, other) if isinstance(other, Tensor) else unary(XLOGY_BY_NUMBER, input, other)


@torch_name()
@tensor_method()
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """ln(input / (1 - input)); with eps, the input is first clamped between eps and 1 - eps."""
    return unary(LOGIT, input, eps)
