"""softmax, log_softmax and logsumexp, all without overflow."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import checked_dim, checked_dims
from gradb.ops.dtypes import dtype as Dtype
from gradb.ops.dtypes import floats
from gradb.ops.registry import tensor_method, torch_name


def _softmax(self: Any, dim: int) -> Any:
    if self.size == 0:
        return self.copy()
    if self.ndim == 0:
        return _softmax(self.reshape(1), 0).reshape(())
    self = np.ascontiguousarray(self)
    e = np.exp(self - np.maximum.reduce(self, dim, keepdims=True))
    return e / np.add.reduce(e, dim, keepdims=True)


def _log_softmax(self: Any, dim: int) -> Any:
    if self.size == 0:
        return self.copy()
    if self.ndim == 0:
        return _log_softmax(self.reshape(1), 0).reshape(())
    self = np.ascontiguousarray(self)
    shifted = self - np.maximum.reduce(self, dim, keepdims=True)
    return shifted - np.log(np.add.reduce(np.exp(shifted), dim, keepdims=True))


SOFTMAX = Op(
    "SoftmaxBackward0",
    _softmax,
    name="softmax",
    symbol="softmax(self)",
    self=Grad(
        "result · (∂L/∂out - Σ ∂L/∂out · result)",
        lambda grad, result, dim: _softmax_gradient(grad * result, result, dim),
    ),
)
LOG_SOFTMAX = Op(
    "LogSoftmaxBackward0",
    _log_softmax,
    name="log_softmax",
    symbol="ln(softmax(self))",
    self=Grad(
        "∂L/∂out - softmax(self) · Σ ∂L/∂out",
        lambda grad, result, dim: grad - lib.exp(result) * _summed(grad, dim),
    ),
)


def _summed(x: Any, dim: int) -> Any:
    return lib.sum_dims(x, dim, True) if x.ndim else x


def _softmax_gradient(weighted: Any, result: Any, dim: int) -> Any:
    return weighted - result * _summed(weighted, dim)


def _logsumexp(self: Any, dim: tuple[int, ...], keepdim: bool) -> Any:
    self = floats(self)
    top = np.maximum.reduce(self, dim, keepdims=True)
    top = np.where(np.isfinite(top), top, self.dtype.type(0))
    result = np.log(np.add.reduce(np.exp(self - top), dim, keepdims=True)) + top
    return result if keepdim else result.squeeze(dim)


LOGSUMEXP = Op(
    "LogsumexpBackward0",
    _logsumexp,
    name="logsumexp",
    symbol="ln(Σ e^self)",
    self=Grad(
        "∂L/∂out · e^(self - result)",
        lambda grad, self, result, dim, keepdim: (
            lib.unreduce(grad, dim, keepdim, self.ndim) * lib.exp(self - lib.unreduce(result, dim, keepdim, self.ndim))
        ),
    ),
)


def _along(input: Tensor, dim: int | None) -> int:
    if dim is not None:
        return checked_dim(dim, input._array.ndim)
    complaints.warn("softmax without a dim chooses one by the number of dims: say which, for example dim=1")
    return 0 if input._array.ndim in (0, 1, 3) else 1


def _run(op: Op, input: Tensor, dim: int | None, dtype: Dtype | None) -> Tensor:
    if dtype is not None:
        input = input.to(dtype)
    if input._array.dtype.kind != "f":
        raise NotImplementedError(f"{op.info.name} is not defined for integers: convert the tensor with .float() first")
    along = _along(input, dim)
    return unary(op, input, along)


@torch_name("softmax")
@tensor_method("softmax")
def softmax(input: Tensor, dim: int | None = None, dtype: Dtype | None = None) -> Tensor:
    """e^input / Σ e^input along a dim."""
    return _run(SOFTMAX, input, dim, dtype)


@torch_name("log_softmax")
@tensor_method("log_softmax")
def log_softmax(input: Tensor, dim: int | None = None, dtype: Dtype | None = None) -> Tensor:
    """The logarithm of softmax along a dim."""
    return _run(LOG_SOFTMAX, input, dim, dtype)


@torch_name()
@tensor_method()
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """ln Σ e^input over one dim or several."""
    return unary(LOGSUMEXP, input, checked_dims(dim, input._array.ndim), keepdim)
