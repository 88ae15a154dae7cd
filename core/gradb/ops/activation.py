"""Activation functions: relu, leaky_relu, gelu, silu, softplus, hardtanh; elu and its kin are in exponential_units."""

import math
from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import floats_only, not_for
from gradb.ops.erf import erf_array
from gradb.ops.registry import tensor_method, torch_name

RELU = Op(
    "ReluBackward0",
    lambda self: np.maximum(not_for("b", "relu", self, error=RuntimeError), self.dtype.type(0)),
    name="relu",
    symbol="max(self, 0)",
    self=Grad("∂L/∂out where result > 0, else 0", lambda grad, result: lib.where(lib.above_0(result), grad, 0.0)),
)
LEAKY_RELU = Op(
    "LeakyReluBackward0",
    lambda self, negative_slope: np.where(self > 0, self, self * negative_slope),
    name="leaky_relu",
    symbol="self where self > 0, else negative_slope · self",
    self=Grad(
        "∂L/∂out where self > 0, else negative_slope · ∂L/∂out",
        lambda grad, self, negative_slope: lib.where(lib.plain(self) > 0, grad, grad * negative_slope),
    ),
)
IN_PLACE_LEAKY_RELU = Op(
    "LeakyReluBackward1",
    LEAKY_RELU.forward,
    name="leaky_relu",
    symbol="self where self > 0, else negative_slope · self",
    self=Grad(
        "∂L/∂out where result > 0, else negative_slope · ∂L/∂out",
        lambda grad, result, negative_slope: lib.where(lib.plain(result) > 0, grad, grad * negative_slope),
    ),
)
ELU = Op(
    "EluBackward0",
    lambda self, alpha, scale, input_scale: np.where(
        self > 0, self * scale, np.expm1(np.minimum(self, 0) * input_scale) * (alpha * scale)
    ),
    name="elu",
    symbol="scale · (self where self > 0, else alpha · (e^self - 1))",
    self=Grad(
        "∂L/∂out · scale where self > 0, else ∂L/∂out · scale · alpha · e^self",
        lambda grad, self, alpha, scale, input_scale: lib.where(
            lib.above_0(self), grad * scale, grad * (input_scale * alpha * scale * lib.exp(self * input_scale))
        ),
    ),
)
SILU = Op(
    "SiluBackward0",
    lambda self: self / (1 + np.exp(-self)),
    name="silu",
    symbol="self · σ(self)",
    self=Grad(
        "∂L/∂out · σ(self) · (1 + self · (1 - σ(self)))",
        lambda grad, self: grad * (lib.sigmoid(self) * (1 + self * (1 - lib.sigmoid(self)))),
    ),
)
SOFTPLUS = Op(
    "SoftplusBackward0",
    lambda self, beta, threshold: np.where(
        self * beta > threshold, self, np.log1p(np.exp(np.minimum(self * beta, threshold))) / beta
    ),
    name="softplus",
    symbol="ln(1 + e^(beta · self)) / beta",
    self=Grad(
        "∂L/∂out · σ(beta · self)",
        lambda grad, self, beta, threshold: lib.where(
            lib.plain(self) * beta > threshold, grad, grad * lib.sigmoid(self * beta)
        ),
    ),
)
_ROOT = math.sqrt(2 / math.pi)


def _gelu(self: Any, approximate: str) -> Any:
    if approximate == "tanh":
        return 0.5 * self * (1 + np.tanh(_ROOT * (self + 0.044715 * self * self * self)))
    return 0.5 * self * (1 + erf_array(self * math.sqrt(0.5)))


def _gelu_gradient(grad: Any, self: Any, approximate: str) -> Any:
    if approximate == "tanh":
        inner = lib.tanh(_ROOT * (self + 0.044715 * self * self * self))
        slope = (1 - inner * inner) * (_ROOT * (1 + 3 * 0.044715 * self * self))
        return grad * (0.5 * (1 + inner) + 0.5 * self * slope)
    density = lib.exp(self * self * -0.5) * (1 / math.sqrt(2 * math.pi))
    return grad * (0.5 * (1 + lib.erf(self * math.sqrt(0.5))) + self * density)


GELU = Op(
    "GeluBackward0",
    _gelu,
    name="gelu",
    symbol="self · Φ(self)",
    self=Grad("∂L/∂out · (Φ(self) + self · φ(self))", _gelu_gradient),
)
HARDTANH = Op(
    "HardtanhBackward0",
    lambda self, min_val, max_val: np.clip(self, self.dtype.type(min_val), self.dtype.type(max_val)),
    name="hardtanh",
    symbol="self between min_val and max_val",
    self=Grad(
        "∂L/∂out where min_val < self < max_val, else 0",
        lambda grad, self, min_val, max_val: lib.where(
            (lib.plain(self) > min_val) & (lib.plain(self) < max_val), grad, 0.0
        ),
    ),
)


@torch_name()
@tensor_method()
def relu(input: Tensor) -> Tensor:
    """The positive part."""
    return unary(RELU, input)


@torch_name()
@tensor_method()
def relu_(input: Tensor) -> Tensor:
    """Replaces negative elements by 0 in place."""
    return write_through(RELU, input)


def _run(op: Op, input: Tensor, inplace: bool, *args: Any) -> Tensor:
    floats_only(op.info.name, input)
    return (write_through if inplace else unary)(op, input, *args)


def leaky_relu(input: Tensor, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """The input where it is positive, else negative_slope times it."""
    return _run(IN_PLACE_LEAKY_RELU if inplace else LEAKY_RELU, input, inplace, negative_slope)


def silu(input: Tensor, inplace: bool = False) -> Tensor:
    """input · σ(input)."""
    return _run(SILU, input, inplace)


def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    """ln(1 + e^(beta · input)) / beta, and the input itself where beta · input is above the threshold."""
    return _run(SOFTPLUS, input, False, beta, threshold)


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """input · Φ(input), with the normal distribution's Φ or its approximation by tanh."""
    if approximate not in ("none", "tanh"):
        raise RuntimeError(f"gelu: approximate is 'none' or 'tanh', found {approximate!r}")
    return _run(GELU, input, False, approximate)


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """The input clamped between two values; no gradient at or beyond them."""
    if min_val > max_val:
        raise ValueError(f"hardtanh wants min_val at most max_val, found {min_val} and {max_val}")
    return (write_through if inplace else unary)(HARDTANH, input, min_val, max_val)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """The input clamped between 0 and 6."""
    return hardtanh(input, 0, 6, inplace)


def leaky_relu_(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """leaky_relu in place."""
    return leaky_relu(input, negative_slope, True)


def hardtanh_(input: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """hardtanh in place."""
    return hardtanh(input, min_val, max_val, True)
