"""How far values are spread: var, std, norm."""

import math
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import checked_dims
from gradb.ops.complain import want_floats
from gradb.ops.registry import tensor_method, torch_name


def _count(shape: tuple[int, ...], dim: Any) -> int:
    return math.prod(shape) if dim is None else math.prod([shape[d] for d in dim])


def _var(self: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    mean = np.add.reduce(self, dim, keepdims=True) / self.dtype.type(max(_count(self.shape, dim), 1))
    difference = self - mean
    rest = max(_count(self.shape, dim) - (1 if correction is None else correction), 0)
    return np.add.reduce(difference * difference, dim, keepdims=keepdim) / self.dtype.type(rest)


def _var_gradient(grad: Any, self: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    shape = lib.plain(self).shape
    count = _count(shape, dim)
    rest = count - (1 if correction is None else correction)
    mean = (
        lib.sum_dims(self, dim, True) / max(count, 1) if dim is not None else lib.sum_dims(self, None) / max(count, 1)
    )
    factor = 2.0 / rest if rest > 0 else math.inf
    return lib.unreduce(grad, dim, keepdim, len(shape)) * ((self - mean) * factor)


VAR = Op(
    "VarBackward0",
    _var,
    name="var",
    symbol="Σ (self - mean)² / (count - correction)",
    self=Grad("∂L/∂out · 2 · (self - mean) / (count - correction)", _var_gradient),
)


def _std_gradient(grad: Any, self: Any, result: Any, dim: Any, correction: Any, keepdim: bool) -> Any:
    slope = lib.where(lib.plain(result) == 0, 0.0, grad / (result * 2))
    return _var_gradient(slope, self, dim, correction, keepdim)


STD = Op(
    "StdBackward0",
    lambda self, dim, correction, keepdim: np.sqrt(_var(self, dim, correction, keepdim)),
    name="std",
    symbol="√(Σ (self - mean)² / (count - correction))",
    self=Grad("∂L/∂out · (self - mean) / (result · (count - correction))", _std_gradient),
)


def _spread(op: Op, input: Tensor, dim: Any, unbiased: bool, correction: Any, keepdim: bool) -> Tensor:
    want_floats(op.info.name, input)
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    dims = None if dim is None else checked_dims(dim, input._array.ndim)
    chosen = correction if correction is not None else (0 if not unbiased else None if dims is None else 1)
    if _count(input._array.shape, dims) <= (1 if chosen is None else chosen):
        complaints.warn(f"{op.info.name} of so few elements divides by 0: give correction=0, or more elements")
    return unary(op, input, dims, chosen, keepdim)


@torch_name()
@tensor_method()
def var(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """The variance; divided by count - 1 unless unbiased=False or correction= says otherwise."""
    return _spread(VAR, input, dim, unbiased, correction, keepdim)


@torch_name()
@tensor_method()
def std(
    input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
) -> Tensor:
    """The standard deviation; the root of var."""
    return _spread(STD, input, dim, unbiased, correction, keepdim)


def _norm(self: Any, ord: Any, dim: Any, keepdim: bool) -> Any:
    sizes = np.abs(self)
    if ord == math.inf:
        return np.maximum.reduce(sizes, dim, keepdims=keepdim)
    if ord == -math.inf:
        return np.minimum.reduce(sizes, dim, keepdims=keepdim)
    if ord == 0:
        return np.add.reduce((self != 0).astype(self.dtype), dim, keepdims=keepdim)
    if ord == 1:
        return np.add.reduce(sizes, dim, keepdims=keepdim)
    if ord == 2:
        return np.sqrt(np.add.reduce(self * self, dim, keepdims=keepdim))
    return np.add.reduce(sizes**ord, dim, keepdims=keepdim) ** (1 / ord)


def _norm_gradient(grad: Any, self: Any, result: Any, ord: Any, dim: Any, keepdim: bool) -> Any:
    dims = lib.plain(self).ndim
    whole = lib.unreduce(grad, dim, keepdim, dims)
    norm = lib.unreduce(result, dim, keepdim, dims)
    if ord == 0:
        return None
    if ord == 1:
        return whole * lib.sign(self)
    if ord == 2:
        return whole * lib.where(lib.plain(norm) == 0, 0.0, self / norm)
    if ord in (math.inf, -math.inf):
        array = lib.plain(self)
        hits = (np.abs(array) == lib.plain(norm)) | (np.isnan(array) & np.isnan(lib.plain(norm)))
        share = (hits / np.add.reduce(hits, dim, keepdims=True)).astype(array.dtype)
        return lib.sign(self) * (whole * (Tensor._wrap(share) if isinstance(grad, Tensor) else share))
    size = self.abs() if isinstance(self, Tensor) else np.abs(self)
    return lib.where(lib.plain(norm) == 0, 0.0, lib.sign(self) * lib.power(size / norm, ord - 1) * whole)


NORM = Op(
    "LinalgVectorNormBackward0",
    _norm,
    name="norm",
    symbol="‖self‖",
    self=Grad("∂L/∂out · self / result (0 where result is 0)", _norm_gradient),
)


@torch_name()
@tensor_method()
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False) -> Tensor:
    """The norm of all elements, or along one dim or several; the Euclidean one by default."""
    want_floats("norm", input)
    order = 2 if p in ("fro", None) else p
    dims = None if dim is None else checked_dims(dim, input._array.ndim)
    return unary(NORM, input, order, dims, keepdim)
