"""Activations that set small numbers to 0: hardshrink, softshrink, threshold, tanhshrink."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.registry import tensor_method, torch_name


def _outside(x: Any, lambd: float) -> Any:
    array = lib.plain(x)
    return (array < -lambd) | (array > lambd)


HARDSHRINK = Op(
    "HardshrinkBackward0",
    lambda self, lambd: np.where((self >= -lambd) & (self <= lambd), self.dtype.type(0), self),
    name="hardshrink",
    symbol="self where |self| > lambd, else 0",
    self=Grad(
        "∂L/∂out where |self| > lambd, else 0",
        lambda grad, self, lambd: lib.where(_outside(self, lambd), grad, 0.0),
    ),
)
SOFTSHRINK = Op(
    "SoftshrinkBackward0",
    lambda self, lambd: np.where(self > lambd, self - lambd, np.where(self < -lambd, self + lambd, self * 0)),
    name="softshrink",
    symbol="self moved by lambd towards 0",
    self=Grad(
        "∂L/∂out where |self| > lambd, else 0",
        lambda grad, self, lambd: lib.where(_outside(self, lambd), grad, 0.0),
    ),
)


def _threshold(node: str) -> Op:
    return Op(
        node,
        lambda self, threshold, value: np.where(self <= threshold, self.dtype.type(value), self),
        name="threshold",
        symbol="self where self > threshold, else value",
        self=Grad(
            "∂L/∂out where self > threshold, else 0",
            lambda grad, self, threshold: lib.where(lib.plain(self) <= threshold, 0.0, grad),
        ),
    )


THRESHOLD = _threshold("ThresholdBackward0")
IN_PLACE_THRESHOLD = _threshold("ThresholdBackward1")


@torch_name()
@tensor_method()
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """The input where it is further from 0 than lambd, else 0."""
    return unary(HARDSHRINK, input, lambd)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """The input moved by lambd towards 0. Raises RuntimeError for a negative lambd."""
    if lambd < 0:
        raise RuntimeError(f"softshrink wants a lambd that is not negative, found {lambd}")
    return unary(SOFTSHRINK, input, lambd)


def tanhshrink(input: Tensor) -> Tensor:
    """input - tanh(input)."""
    return input - input.tanh()


@torch_name()
def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """The input where it is above the threshold, else value."""
    if inplace:
        return write_through(IN_PLACE_THRESHOLD, input, threshold, value)
    return unary(THRESHOLD, input, threshold, value)


@torch_name()
def threshold_(input: Tensor, threshold: float, value: float) -> Tensor:
    """threshold in place."""
    return write_through(IN_PLACE_THRESHOLD, input, threshold, value)
