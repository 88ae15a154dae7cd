"""Activations that let a part of the input through: mish, hardswish, hardsigmoid, logsigmoid, glu, prelu, softsign."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import one_dim
from gradb.ops.complain import floats_only
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.shape import reshape
from gradb.ops.unsigned import shown_unsigned


def _softplus(x: Any) -> Any:
    """ln(1 + e^x) without overflow."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _mish_gradient(grad: Any, self: Any) -> Any:
    array = lib.plain(self)
    sigmoid = lib.sigmoid(self)
    if isinstance(self, Tensor):
        from gradb.ops.activation import softplus

        inner = softplus(self).tanh()
    else:
        inner = np.tanh(_softplus(array))
    return grad * (inner + self * sigmoid * (1 - inner * inner))


MISH = Op(
    "MishBackward0",
    lambda self: self * np.tanh(_softplus(self)),
    name="mish",
    symbol="self · tanh(ln(1 + e^self))",
    self=Grad("∂L/∂out · (t + self · σ(self) · (1 - t²)), with t = tanh(ln(1 + e^self))", _mish_gradient),
)


def _hardswish_gradient(grad: Any, self: Any) -> Any:
    array = lib.plain(self)
    inside = lib.where(array < 3, grad * (self / 3 + 0.5), grad)
    return lib.where(array <= -3, 0.0, inside)


HARDSWISH = Op(
    "HardswishBackward0",
    lambda self: self * np.clip(self + 3, 0, 6) / 6,
    name="hardswish",
    symbol="self · (self + 3 between 0 and 6) / 6",
    self=Grad("∂L/∂out · (self / 3 + 1/2) between -3 and 3, 0 below, ∂L/∂out above", _hardswish_gradient),
)
_SIXTH = float(np.float32(1 / 6))  # torch's kernel has it in float32, for float64 too
HARDSIGMOID = Op(
    "HardsigmoidBackward0",
    lambda self: np.clip(self + 3, 0, 6) / 6,
    name="hardsigmoid",
    symbol="(self + 3 between 0 and 6) / 6",
    self=Grad(
        "∂L/∂out / 6 where -3 < self < 3, else 0",
        lambda grad, self: lib.where((lib.plain(self) > -3) & (lib.plain(self) < 3), grad * _SIXTH, 0.0),
    ),
)


def _log_sigmoid(self: Any) -> tuple[Any, Any]:
    self = np.ascontiguousarray(self).reshape(self.shape)
    buffer = np.exp(-np.abs(self))
    return np.minimum(self, 0) - np.log1p(buffer), buffer


LOG_SIGMOID = Op(
    "LogSigmoidBackward0",
    _log_sigmoid,
    name="logsigmoid",
    symbol="ln(σ(self))",
    outputs=("result", "buffer"),
    nondifferentiable=("buffer",),
    self=Grad("∂L/∂out · σ(-self)", lambda grads, self, buffer: grads[0] * lib.sigmoid(-self)),
)


def _halves(x: Any, dim: int) -> tuple[Any, Any]:
    middle = x.shape[dim] // 2
    lead = (slice(None),) * (dim % len(x.shape))
    return x[(*lead, slice(None, middle))], x[(*lead, slice(middle, None))]


def _glu(self: Any, dim: int) -> Any:
    value, gate = _halves(self, dim)
    return value * lib.sigmoid(gate)


def _glu_gradient(grad: Any, self: Any, dim: int) -> Any:
    value, gate = _halves(self, dim)
    sigmoid = lib.sigmoid(gate)
    parts = [grad * sigmoid, grad * value * (sigmoid * (1 - sigmoid))]
    if isinstance(grad, Tensor):
        from gradb.ops.joining import cat

        return cat(parts, dim)
    return np.concatenate(parts, dim)


GLU = Op(
    "GluBackward0",
    _glu,
    name="glu",
    symbol="a · σ(b) for the halves a and b of self",
    self=Grad("(∂L/∂out · σ(b), ∂L/∂out · a · σ(b) · (1 - σ(b)))", _glu_gradient),
)
shown_unsigned(GLU, "dim")
PRELU = Op(
    "PreluKernelBackward0",
    lambda self, weight: np.where(self > 0, self, weight * self),
    name="prelu",
    symbol="self where self > 0, else weight · self",
    self=Grad(
        "∂L/∂out where self > 0, else weight · ∂L/∂out",
        lambda grad, self, weight: lib.where(lib.plain(self) > 0, grad, grad * weight),
    ),
    weight=Grad(
        "Σ ∂L/∂out · self where self <= 0",
        lambda grad, self, weight: lib.where(lib.plain(self) > 0, 0.0, grad * self),
    ),
)


def _run(op: Op, input: Tensor, inplace: bool) -> Tensor:
    floats_only(op.info.name, input)
    return (write_through if inplace else unary)(op, input)


def mish(input: Tensor, inplace: bool = False) -> Tensor:
    """input · tanh(softplus(input))."""
    return _run(MISH, input, inplace)


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """input · relu6(input + 3) / 6."""
    return _run(HARDSWISH, input, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """relu6(input + 3) / 6."""
    return _run(HARDSIGMOID, input, inplace)


def logsigmoid(input: Tensor) -> Tensor:
    """ln(σ(input)), without overflow."""
    floats_only("logsigmoid", input)
    return apply(LOG_SIGMOID, input)[0]


def softsign(input: Tensor) -> Tensor:
    """input / (1 + |input|)."""
    return input / (input.abs() + 1)


def glu(input: Tensor, dim: int = -1) -> Tensor:
    """One half of the input times σ of the other half. Raises RuntimeError where the dim cannot be halved."""
    size = input._array.shape[one_dim(dim, input._array.ndim)] if input._array.ndim else 1
    if size % 2:
        raise RuntimeError(f"glu wants a dim of even size, found {size} in dim {dim}")
    floats_only("glu", input)
    return unary(GLU, input, dim)


@torch_name()
@tensor_method()
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """The input where it is positive, else weight times it; one weight, or one for each channel (dim 1)."""
    x, w = input._array, weight._array
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.ndim > 1:
        raise RuntimeError(f"prelu wants a weight of at most 1 dim, found shape {w.shape}")
    if w.size not in (1, channels):
        raise RuntimeError(f"prelu wants 1 weight or one for each of {channels} channels, found {w.size}")
    if w.dtype != x.dtype:
        raise complaints.dtypes_differ("prelu", x.dtype, w.dtype)
    shape = tuple([w.size if dim == 1 else 1 for dim in range(x.ndim)]) if x.ndim > 1 else (1,) * x.ndim
    return apply(PRELU, input, weight if w.shape == shape else reshape(weight, shape))
