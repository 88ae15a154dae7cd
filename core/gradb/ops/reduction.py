"""Sums and what is made of them: sum, mean, prod, var, std, norm."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import checked_dims
from gradb.ops.dtypes import dtype as Dtype
from gradb.ops.lib_index import products_of_others
from gradb.ops.registry import tensor_method, torch_name


def _sum(self: Any) -> Any:
    return np.add.reduce(self, None) if self.dtype.kind == "f" else np.add.reduce(self, None, np.int64)


def _sum_dim(self: Any, dim: Any, keepdim: bool) -> Any:
    return np.add.reduce(self, dim, None if self.dtype.kind == "f" else np.int64, keepdims=keepdim)


def _spread(grad: Any, sizes: tuple[int, ...], dim: Any, keepdim: bool) -> Any:
    """The gradient of a sum: each element that was summed gets the whole."""
    return lib.expand(lib.unreduce(grad, dim, keepdim, len(sizes)), sizes)


SUM = Op(
    "SumBackward0",
    _sum,
    name="sum",
    symbol="Σ self",
    self=Grad("expand(∂L/∂out)", lambda grad, self_sym_sizes: lib.expand(grad, self_sym_sizes)),
)
SUM_DIM = Op(
    "SumBackward1",
    _sum_dim,
    name="sum",
    symbol="Σ self over dim",
    self=Grad(
        "expand(∂L/∂out)", lambda grad, self_sym_sizes, dim, keepdim: _spread(grad, self_sym_sizes, dim, keepdim)
    ),
)
MEAN = Op(
    "MeanBackward0",
    lambda self: np.asarray(np.add.reduce(self, None) / max(self.size, 1) if self.size else np.nan, self.dtype),
    name="mean",
    symbol="mean(self)",
    self=Grad(
        "expand(∂L/∂out) / count",
        lambda grad, self_sym_sizes, self_sym_numel: lib.expand(grad, self_sym_sizes) / max(self_sym_numel, 1),
    ),
)


def _count(sizes: tuple[int, ...], dim: Any) -> int:
    count = 1
    for d in dim:
        count *= sizes[d] if sizes else 1
    return count


def _mean_dim(self: Any, dim: Any, keepdim: bool) -> Any:
    means = np.add.reduce(self, dim, keepdims=keepdim) / self.dtype.type(_count(self.shape, dim))
    return means if means.flags.c_contiguous else np.ascontiguousarray(means)


MEAN_DIM = Op(
    "MeanBackward1",
    _mean_dim,
    name="mean",
    symbol="mean(self) over dim",
    self=Grad(
        "expand(∂L/∂out) / count",
        lambda grad, self_sym_sizes, dim, keepdim: (
            _spread(grad, self_sym_sizes, dim, keepdim) / max(_count(self_sym_sizes, dim), 1)
        ),
    ),
    shows=("self_sym_numel",),
)


def _prod_gradient(grad: Any, self: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    if self.ndim == 0:
        return grad
    whole = lib.unreduce(grad, dim, keepdim, self.ndim)
    zeros = lib.plain(self).size - np.count_nonzero(lib.plain(self))
    if not zeros:
        return whole * lib.unreduce(result, dim, keepdim, self.ndim) / self
    if dim is None and zeros > 1:
        return lib.zeros_like(self)
    if dim is None:
        return whole * lib.reshape(products_of_others(self.reshape(-1), 0), tuple(self.shape))
    return whole * products_of_others(self, dim)


def _prod(self: Any) -> Any:
    return np.multiply.reduce(self, None, self.dtype if self.dtype.kind == "f" else np.int64)


PROD = Op(
    "ProdBackward0",
    _prod,
    name="prod",
    symbol="Π self",
    self=Grad("∂L/∂out · result / self", lambda grad, self, result: _prod_gradient(grad, self, result, None, False)),
)
PROD_DIM = Op(
    "ProdBackward1",
    lambda self, dim, keepdim: np.multiply.reduce(
        self, dim if self.ndim else None, self.dtype if self.dtype.kind == "f" else np.int64, keepdims=keepdim
    ),
    name="prod",
    symbol="Π self over dim",
    self=Grad("∂L/∂out · result / self", _prod_gradient),
)


def in_dtype(tensor: Tensor, dtype: Dtype | None) -> Tensor:
    """The tensor converted before it is reduced, where a dtype is asked for."""
    return tensor if dtype is None else tensor.to(dtype)


@torch_name("sum")
@tensor_method("sum")
def total(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    """The sum over all elements, or over one dim or several. Integers and bools give int64."""
    input = in_dtype(input, dtype)
    if dim is None and not keepdim:
        return unary(SUM, input)
    ndim = input._array.ndim
    dims = tuple(range(ndim)) if dim is None or dim == () or dim == [] else checked_dims(dim, ndim)
    return unary(SUM_DIM, input, dims if ndim else (), keepdim)


@torch_name()
@tensor_method()
def mean(input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    """The mean over all elements, or over one dim or several. Raises RuntimeError on integers."""
    input = in_dtype(input, dtype)
    if input._array.dtype.kind != "f":
        raise RuntimeError(f"mean wants floats, found {input._array.dtype.name}: convert with .float() first")
    if dim is None and not keepdim:
        return unary(MEAN, input)
    ndim = input._array.ndim
    dims = tuple(range(ndim)) if dim is None or dim == () or dim == [] else checked_dims(dim, ndim)
    return unary(MEAN_DIM, input, dims if ndim else (), keepdim)


@torch_name()
@tensor_method()
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: Dtype | None = None) -> Tensor:
    """The product of all elements, or along one dim."""
    input = in_dtype(input, dtype)
    if dim is None:
        return unary(PROD, input)
    (dim,) = checked_dims(dim, input._array.ndim)
    return unary(PROD_DIM, input, dim, keepdim)
