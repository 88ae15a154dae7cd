"""Largest and smallest: max, min, amax, amin, argmax, argmin."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import checked_dim, checked_dims, one_dim
from gradb.ops.complain import not_for
from gradb.ops.named import named_pair
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.select import maximum, minimum


def _shared(grad: Any, self: Any, result: Any, dim: Any, keepdim: bool) -> Any:
    """Each element that equals the extreme gets an even share."""
    dims = lib.plain(self).ndim
    array = lib.plain(self)
    hits = array == lib.unreduce(lib.plain(result), dim, keepdim, dims)
    count = np.add.reduce(hits, dim, keepdims=True) if dim is not None else np.add.reduce(hits, None)
    share = (hits / count).astype(array.dtype)
    whole = lib.unreduce(grad, dim, keepdim, dims)
    return whole * (Tensor._wrap(share) if isinstance(grad, Tensor) else share)


def _shared_by_all(grad: Any, self: Any, result: Any) -> Any:
    """The same for the extreme of all elements. Where that is NaN, it is the NaN elements that share."""
    array, extreme = lib.plain(self), lib.plain(result)
    hits = np.isnan(array) if np.isnan(extreme) else array == extreme
    share = (hits / np.count_nonzero(hits)).astype(array.dtype)
    return lib.where(hits, grad * (Tensor._wrap(share) if isinstance(grad, Tensor) else share), 0.0)


def _whole(node: str, name: str, ufunc: Any) -> Op:
    return Op(
        node,
        lambda self: ufunc.reduce(self, None),
        name=name,
        symbol=f"{name}(self)",
        self=Grad(
            f"∂L/∂out where self is the {name} (shared between equals), else 0",
            _shared_by_all,
        ),
    )


def _several(node: str, name: str, ufunc: Any) -> Op:
    return Op(
        node,
        lambda self, dim, keepdim: ufunc.reduce(self, dim or None, keepdims=keepdim),
        name=name,
        symbol=f"{name}(self) over dim",
        self=Grad(
            f"∂L/∂out where self is the {name[1:]} (shared between equals), else 0",
            lambda grad, self, result, dim, keepdim: _shared(grad, self, result, dim or None, keepdim),
        ),
    )


def _first(node: str, name: str, find: Any) -> Op:
    def forward(self: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
        if self.ndim == 0:
            return self.copy(), np.asarray(0)
        indices = np.expand_dims(find(self, dim), dim)
        values = np.take_along_axis(self, indices, dim)
        return (values, indices) if keepdim else (values.squeeze(dim), indices.squeeze(dim))

    def gradient(grads: Any, self_sym_sizes: Any, dim: int, keepdim: bool, indices: Any) -> Any:
        grad = grads[0]
        if not self_sym_sizes:
            return grad
        places = lib.unreduce(lib.plain(indices), dim, keepdim, len(self_sym_sizes))
        mask = np.zeros(self_sym_sizes, lib.plain(grad).dtype)
        np.put_along_axis(mask, places, 1, dim)
        whole = lib.unreduce(grad, dim, keepdim, len(self_sym_sizes))
        return lib.where(mask > 0, whole * (Tensor._wrap(mask) if isinstance(grad, Tensor) else mask), 0.0)

    return Op(
        node,
        forward,
        name=name,
        symbol=f"{name}(self) over dim",
        outputs=("values", "indices"),
        nondifferentiable=("indices",),
        self=Grad(f"∂L/∂out at the first {name}, else 0", gradient),
    )


MAX = _whole("MaxBackward1", "max", np.maximum)
MIN = _whole("MinBackward1", "min", np.minimum)
AMAX = _several("AmaxBackward0", "amax", np.maximum)
AMIN = _several("AminBackward0", "amin", np.minimum)
MAX_DIM = _first("MaxBackward0", "max", np.argmax)
MIN_DIM = _first("MinBackward0", "min", np.argmin)
ARGMAX = Op("", lambda self, dim, keepdim: np.argmax(self, dim, keepdims=keepdim), name="argmax")
ARGMIN = Op("", lambda self, dim, keepdim: np.argmin(self, dim, keepdims=keepdim), name="argmin")


def _want_elements(op: str, input: Tensor) -> None:
    if input._array.size == 0:
        raise RuntimeError(f"{op} of a tensor without elements is not defined; name a dim that is not empty")


def _extreme(input: Tensor, dim: Any, keepdim: bool, whole: Op, first: Op, pairwise: Any) -> Any:
    if isinstance(dim, Tensor):
        return pairwise(input, dim)
    if dim is None:
        _want_elements(whole.info.name, input)
        return unary(whole, input)
    return named_pair(first.info.name, *apply(first, input, checked_dim(dim, input._array.ndim), keepdim))


@torch_name("max")
@tensor_method("max")
def largest(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The largest element; with a dim the largest along it and their indices; with a tensor the larger of both."""
    return _extreme(input, other if other is not None else dim, keepdim, MAX, MAX_DIM, maximum)


@torch_name("min")
@tensor_method("min")
def smallest(input: Tensor, dim: Any = None, keepdim: bool = False, *, other: Tensor | None = None) -> Any:
    """The smallest element; with a dim the smallest along it and their indices; with a tensor the smaller of both."""
    return _extreme(input, other if other is not None else dim, keepdim, MIN, MIN_DIM, minimum)


@torch_name()
@tensor_method()
def amax(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """The largest along one dim or several."""
    dims = () if dim in ((), []) else checked_dims(dim, input._array.ndim)
    return unary(AMAX, input, dims if input._array.ndim else (), keepdim)


@torch_name()
@tensor_method()
def amin(input: Tensor, dim: Any = (), keepdim: bool = False) -> Tensor:
    """The smallest along one dim or several."""
    dims = () if dim in ((), []) else checked_dims(dim, input._array.ndim)
    return unary(AMIN, input, dims if input._array.ndim else (), keepdim)


def _arg(op: Op, input: Tensor, dim: int | None, keepdim: bool) -> Tensor:
    not_for("b", op.info.name, input._array, error=RuntimeError)
    along = None if dim is None else one_dim(dim, input._array.ndim)
    shape = input._array.shape
    if input._array.size == 0 and (along is None or shape[along] == 0):
        raise IndexError(f"{op.info.name} of nothing is not defined; name a dim that is not empty")
    return unary(op, input, along if shape else None, keepdim)


@torch_name()
@tensor_method()
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the first largest element, of all or along a dim."""
    return _arg(ARGMAX, input, dim, keepdim)


@torch_name()
@tensor_method()
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the first smallest element, of all or along a dim."""
    return _arg(ARGMIN, input, dim, keepdim)
