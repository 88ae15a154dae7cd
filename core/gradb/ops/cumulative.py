"""What has been so far along a dim: cumsum, cumprod, cummax, cummin, logcumsumexp, diff."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import one_dim
from gradb.ops.dtypes import numpy_dtype
from gradb.ops.lib_index import reversed_cumsum, scatter_zeros
from gradb.ops.named import named_pair
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.unsigned import shown_unsigned


def _accumulated(ufunc: Any, self: Any, dim: int, dtype: Any) -> Any:
    kind = self.dtype if self.dtype.kind == "f" else np.dtype(np.int64)
    whole = np.asarray(self, kind if dtype is None else numpy_dtype(dtype), order="C")
    return ufunc.accumulate(whole, dim) if self.ndim else whole.reshape(())


CUMSUM = Op(
    "CumsumBackward0",
    lambda self, dim, dtype: _accumulated(np.add, self, dim, dtype),
    name="cumsum",
    symbol="Σ self up to here",
    self=Grad("Σ ∂L/∂out from here on", lambda grad, dim: reversed_cumsum(grad, dim)),
)


def _cumprod_gradient(grad: Any, self: Any, result: Any, dim: int) -> Any:
    """Where no element is 0 a sum over what follows; a 0 needs the products without it, which are all made."""
    if self.ndim == 0 or lib.plain(self).size == 0:
        return grad
    if lib.plain(self).all():
        return reversed_cumsum(grad * result, dim) / self
    last = lib.swap(self, dim, -1)
    size = last.shape[-1]
    steps = np.arange(size)
    mine = steps[:, None, None]  # the element that the gradient is for: its factor becomes 1
    later = (steps[None, :, None] >= mine) & (steps[None, None, :] <= steps[None, :, None])
    factors = lib.where(later & (steps != mine), lib.reshape(last, (*last.shape[:-1], 1, 1, size)), 1.0)
    products = lib.where(steps >= steps[:, None], _product(factors), 0.0)
    weighted = products * lib.unsqueeze(lib.swap(grad, dim, -1), -2)
    return lib.swap(lib.sum_dims(weighted, -1), dim, -1)


def _product(x: Any) -> Any:
    return x.prod(-1) if isinstance(x, Tensor) else np.multiply.reduce(x, -1)


CUMPROD = Op(
    "CumprodBackward0",
    lambda self, dim, dtype: _accumulated(np.multiply, self, dim, dtype),
    name="cumprod",
    symbol="Π self up to here",
    self=Grad("Σ ∂L/∂out · result from here on / self", _cumprod_gradient),
)


def _extreme(ufunc: Any) -> Any:
    def forward(self: Any, dim: int) -> tuple[Any, Any]:
        if self.ndim == 0 or self.size == 0:
            return self.copy(), np.zeros(self.shape, np.int64)
        values = np.asarray(ufunc.accumulate(self, dim), order="C")
        steps = np.arange(self.shape[dim]).reshape(-1, *[1] * (self.ndim - 1 - dim % self.ndim))
        hits = (self == values) | np.isnan(self) if self.dtype.kind == "f" else self == values
        return values, np.maximum.accumulate(np.where(hits, steps, 0), dim)

    return forward


def _extreme_op(node: str, name: str, ufunc: Any, word: str) -> Op:
    return Op(
        node,
        _extreme(ufunc),
        name=name,
        symbol=f"the {word} of self up to here",
        outputs=("values", "indices"),
        nondifferentiable=("indices",),
        self=Grad(
            "∂L/∂out added at the indices, else 0",
            lambda grads, self, dim, indices: scatter_zeros(grads[0], tuple(self.shape), dim, indices),
        ),
    )


CUMMAX = _extreme_op("CummaxBackward0", "cummax", np.maximum, "largest")
CUMMIN = _extreme_op("CumminBackward0", "cummin", np.minimum, "smallest")


def _logcumsumexp_gradient(grad: Any, self: Any, result: Any, dim: int) -> Any:
    """Split by sign, so that the sums can be made of logarithms, which do not overflow."""
    if self.ndim == 0 or lib.plain(self).size == 0:
        return grad
    sign = lib.plain(grad)
    low = float(np.finfo(sign.dtype).min)
    up = lib.where(sign > 0, grad, 1.0)
    down = lib.where(sign < 0, -grad, 1.0)
    above = lib.exp(_reversed_lse(lib.where(sign > 0, lib.log(up) - result, low), dim) + self)
    below = lib.exp(_reversed_lse(lib.where(sign < 0, lib.log(down) - result, low), dim) + self)
    return above - below


def _reversed_lse(x: Any, dim: int) -> Any:
    if isinstance(x, Tensor):
        return x.flip(dim).logcumsumexp(dim).flip(dim)
    return np.flip(np.logaddexp.accumulate(np.flip(x, dim), dim), dim)


LOGCUMSUMEXP = Op(
    "LogcumsumexpBackward0",
    lambda self, dim: np.asarray(np.logaddexp.accumulate(self, dim), order="C") if self.ndim else self.copy(),
    name="logcumsumexp",
    symbol="ln(Σ e^self up to here)",
    self=Grad("e^self · Σ ∂L/∂out · e^-result from here on", _logcumsumexp_gradient),
)

for _op in (CUMSUM, CUMPROD, CUMMAX, CUMMIN, LOGCUMSUMEXP):
    shown_unsigned(_op, "dim")


def _run(op: Op, input: Tensor, dim: int, *dtype: Any) -> Tensor:
    one_dim(dim, input._array.ndim)
    return unary(op, input, dim, *dtype)


@torch_name()
@tensor_method()
def cumsum(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The sums so far along a dim."""
    return _run(CUMSUM, input, dim, dtype)


@tensor_method()
def cumsum_(self: Tensor, dim: int) -> Tensor:
    """The sums so far along a dim, in place."""
    one_dim(dim, self._array.ndim)
    return write_through(CUMSUM, self, dim, None)


@torch_name()
@tensor_method()
def cumprod(input: Tensor, dim: int, *, dtype: Any = None) -> Tensor:
    """The products so far along a dim."""
    return _run(CUMPROD, input, dim, dtype)


@tensor_method()
def cumprod_(self: Tensor, dim: int) -> Tensor:
    """The products so far along a dim, in place."""
    one_dim(dim, self._array.ndim)
    return write_through(CUMPROD, self, dim, None)


@torch_name()
@tensor_method()
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """The logarithms of the sums of exponentials so far along a dim."""
    if input._array.dtype.kind != "f":
        raise NotImplementedError("logcumsumexp takes floats: convert with .float() first")
    return _run(LOGCUMSUMEXP, input, dim)


@torch_name()
@tensor_method()
def cummax(input: Tensor, dim: int) -> Any:
    """The largest so far along a dim, and the index of the last of them."""
    one_dim(dim, input._array.ndim)
    return named_pair("cummax", *apply(CUMMAX, input, dim))


@torch_name()
@tensor_method()
def cummin(input: Tensor, dim: int) -> Any:
    """The smallest so far along a dim, and the index of the last of them."""
    one_dim(dim, input._array.ndim)
    return named_pair("cummin", *apply(CUMMIN, input, dim))


@torch_name()
@tensor_method()
def diff(input: Tensor, n: int = 1, dim: int = -1) -> Tensor:
    """The differences of neighbours along a dim, taken n times."""
    at = one_dim(dim, input._array.ndim)
    if input._array.ndim == 0:
        raise RuntimeError("diff takes a tensor of at least 1 dim")
    if n < 0:
        raise RuntimeError(f"diff: n is not negative, found {n}")
    if n == 0:
        return Tensor._wrap(np.zeros_like(input._array)).copy_(input)
    for _ in range(min(n, input._array.shape[at])):
        size = input._array.shape[at]
        later, earlier = input.narrow(dim, 1, size - 1), input.narrow(dim, 0, size - 1)
        input = later.logical_xor(earlier) if input._array.dtype.kind == "b" else later - earlier
    return input
