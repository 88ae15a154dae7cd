"""Activations that saturate for negative numbers: elu, selu and celu."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.activation import ELU
from gradb.ops.complain import floats_only
from gradb.ops.registry import torch_name

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946


def _elu(self: Any, alpha: float, scale: float, input_scale: float) -> Any:
    negative = np.expm1(np.minimum(self, 0) * input_scale) * (alpha * scale)
    return np.where(self > 0, self * scale, negative)


def _from_result(grad: Any, result: Any, alpha: float, scale: float, input_scale: float) -> Any:
    """The slope read off the result, which replaced the input."""
    return lib.where(lib.plain(result) > 0, grad * scale, grad * input_scale * (result + alpha * scale))


IN_PLACE_ELU = Op(
    "EluBackward1",
    _elu,
    name="elu",
    symbol="scale · (self where self > 0, else alpha · (e^self - 1))",
    self=Grad("∂L/∂out · scale where result > 0, else ∂L/∂out · (result + alpha · scale)", _from_result),
)


def _celu(self: Any, alpha: float) -> Any:
    return np.where(self > 0, self, np.expm1(np.minimum(self, 0) / alpha) * alpha)


CELU = Op(
    "CeluBackward0",
    _celu,
    name="celu",
    symbol="self where self > 0, else alpha · (e^(self / alpha) - 1)",
    self=Grad(
        "∂L/∂out where self > 0, else ∂L/∂out · e^(self / alpha)",
        lambda grad, self, alpha: lib.where(
            lib.above_0(self), grad, grad * lib.exp(lib.where(lib.above_0(self), 0.0, self) / alpha)
        ),
    ),
)
IN_PLACE_CELU = Op(
    "CeluBackward1",
    _celu,
    name="celu",
    symbol="self where self > 0, else alpha · (e^(self / alpha) - 1)",
    self=Grad(
        "∂L/∂out where result > 0, else ∂L/∂out · (result / alpha + 1)",
        lambda grad, result, alpha: lib.where(lib.above_0(result), grad, grad * (result / alpha + 1)),
    ),
)


def _run(op: Op, input: Tensor, *args: Any) -> Tensor:
    floats_only(op.info.name, input)
    in_place = {"EluBackward1", "CeluBackward1"}
    return (write_through if op.node_type.__name__ in in_place else unary)(op, input, *args)


def elu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """The input where it is positive, else alpha · (e^input - 1)."""
    return _run(IN_PLACE_ELU if inplace else ELU, input, alpha, 1, 1)


def elu_(input: Tensor, alpha: float = 1) -> Tensor:
    """elu in place."""
    return _run(IN_PLACE_ELU, input, alpha, 1, 1)


@torch_name()
def selu(input: Tensor, inplace: bool = False) -> Tensor:
    """elu with the alpha and scale that keep mean 0 and variance 1 from layer to layer."""
    return _run(IN_PLACE_ELU if inplace else ELU, input, SELU_ALPHA, SELU_SCALE, 1)


@torch_name()
def selu_(input: Tensor) -> Tensor:
    """selu in place."""
    return selu(input, True)


@torch_name()
def celu(input: Tensor, alpha: float = 1.0, inplace: bool = False) -> Tensor:
    """The input where it is positive, else alpha · (e^(input / alpha) - 1). Raises RuntimeError for alpha 0."""
    if alpha == 0:
        raise RuntimeError("celu wants an alpha that is not 0")
    return _run(IN_PLACE_CELU if inplace else CELU, input, alpha)


@torch_name()
def celu_(input: Tensor, alpha: float = 1.0) -> Tensor:
    """celu in place."""
    return celu(input, alpha, True)
