"""Sorting and picking by order: sort, argsort, msort, topk, kthvalue, median, mode."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import one_dim
from gradb.ops.complain import not_for
from gradb.ops.lib_index import counted, scatter_zeros
from gradb.ops.named import named_pair
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.unsigned import shown_unsigned


def _order(self: Any, dim: int, descending: bool) -> Any:
    """The stable order along a dim; NaN counts as the largest, as in torch."""
    if not descending:
        return np.argsort(self, dim, kind="stable")
    last_first = np.argsort(np.flip(self, dim), dim, kind="stable")
    return self.shape[dim] - 1 - np.flip(last_first, dim)


def _sorted(self: Any, dim: int, descending: bool) -> tuple[Any, Any]:
    if self.ndim == 0:
        return self.copy(), np.asarray(0)
    order = _order(self, dim, descending)
    return _laid_out(np.take_along_axis(self, order, dim), self), _laid_out(order, self)


def _laid_out(result: Any, like: Any) -> Any:
    """The result in the order in memory that another array of its shape has."""
    placed = np.empty_like(like, result.dtype)
    placed[...] = result
    return placed


def _at_indices(grads: Any, self_sym_sizes: Any, dim: int, indices: Any) -> Any:
    return scatter_zeros(grads[0], self_sym_sizes, dim, indices)


_PAIR: dict[str, Any] = {"outputs": ("values", "indices"), "nondifferentiable": ("indices",)}
_BACK = Grad("∂L/∂out at the indices, else 0", _at_indices)

SORT = Op("SortBackward0", _sorted, name="sort", symbol="sort(self) along dim", self=_BACK, **_PAIR)
SORT_STABLE = Op("SortBackward1", _sorted, name="sort", symbol="sort(self) along dim", self=_BACK, **_PAIR)


def _topk(self: Any, k: int, dim: int, largest: bool) -> tuple[Any, Any]:
    values, indices = _sorted(self, dim, largest)
    if self.ndim == 0:
        return values, indices
    first = (*[slice(None)] * counted(self, dim), slice(0, k))
    return np.asarray(values[first], order="C"), np.asarray(indices[first], order="C")


TOPK = Op("TopkBackward0", _topk, name="topk", symbol="the k largest of self along dim", self=_BACK, **_PAIR)


def _at_kept(grads: Any, self_sym_sizes: Any, dim: int, keepdim: bool, indices: Any) -> Any:
    """The gradient of what picks one element of each row: put at its index."""
    if not self_sym_sizes:
        return grads[0]
    dims = len(self_sym_sizes)
    places = lib.unreduce(lib.plain(indices), dim, keepdim, dims)
    return scatter_zeros(lib.unreduce(grads[0], dim, keepdim, dims), self_sym_sizes, dim, places)


_PICK = Grad("∂L/∂out at the index, else 0", _at_kept)


def _picked(self: Any, indices: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The elements at one index per row, which still has its dim."""
    values = np.take_along_axis(self, indices, dim)
    return (values, indices) if keepdim else (np.squeeze(values, dim), np.squeeze(indices, dim))


def _kthvalue(self: Any, k: int, dim: int, keepdim: bool) -> tuple[Any, Any]:
    if self.ndim == 0:
        return self.copy(), np.asarray(0)
    order = np.take(_order(self, dim, False), [k - 1], dim)
    return _picked(self, order, dim, keepdim)


KTHVALUE = Op(
    "KthvalueBackward0", _kthvalue, name="kthvalue", symbol="the kth smallest of self along dim", self=_PICK, **_PAIR
)


def _median_dim(self: Any, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The lower of the two middle elements; NaN where there is one."""
    if self.ndim == 0:
        return self.copy(), np.asarray(0)
    order = _order(self, dim, False)
    indices = np.take(order, [(self.shape[dim] - 1) // 2], dim)
    if self.dtype.kind == "f":
        nan = np.isnan(self)
        first_nan = np.expand_dims(np.argmax(nan, dim), dim)
        indices = np.where(np.take_along_axis(nan, first_nan, dim), first_nan, indices)
    return _picked(self, indices, dim, keepdim)


MEDIAN_DIM = Op(
    "MedianBackward1", _median_dim, name="median", symbol="the middle of self along dim", self=_PICK, **_PAIR
)


def _median(self: Any) -> Any:
    if self.size == 0:
        return np.asarray(np.nan, self.dtype)
    return _median_dim(self.reshape(-1), 0, False)[0]


def _at_median(grad: Any, self: Any, result: Any) -> Any:
    """Even shares for all elements that equal the median."""
    array, middle = lib.plain(self), lib.plain(result)
    hits = np.isnan(array) if np.isnan(middle) else array == middle
    share = (hits / max(int(np.count_nonzero(hits)), 1)).astype(array.dtype)
    return lib.where(hits, grad * (Tensor._wrap(share) if isinstance(grad, Tensor) else share), 0.0)


MEDIAN = Op(
    "MedianBackward0",
    _median,
    name="median",
    symbol="the middle of self",
    self=Grad("∂L/∂out where self is the median (shared between equals), else 0", _at_median),
)

for _op in (SORT, SORT_STABLE, TOPK, KTHVALUE, MEDIAN_DIM):
    shown_unsigned(_op, "dim")


@torch_name()
@tensor_method()
def sort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool | None = None) -> Any:
    """The elements in order along a dim, and the indices where they were."""
    one_dim(dim, input._array.ndim)
    op = SORT if stable is None else SORT_STABLE
    return named_pair("sort", *apply(op, input, dim, descending))


@torch_name()
@tensor_method()
def argsort(input: Tensor, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Tensor:
    """The indices that sort along a dim."""
    return sort(input, dim, descending, stable=stable).indices


@torch_name()
@tensor_method()
def msort(input: Tensor) -> Tensor:
    """The elements in order along the first dim."""
    return sort(input, 0).values


@torch_name()
@tensor_method()
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """The k largest (or smallest) along a dim in order, and their indices."""
    size = input._array.shape[one_dim(dim, input._array.ndim)] if input._array.ndim else 1
    not_for("b", "topk", input._array, error=RuntimeError)
    if not 0 <= k <= size:
        raise RuntimeError(f"topk: k={k} is not between 0 and the size {size} of dim {dim}")
    return named_pair("topk", *apply(TOPK, input, k, dim, largest))


@torch_name()
@tensor_method()
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Any:
    """The kth smallest along a dim (k counts from 1), and its index."""
    size = input._array.shape[one_dim(dim, input._array.ndim)] if input._array.ndim else 1
    not_for("b", "kthvalue", input._array)
    if not 1 <= k <= size:
        raise RuntimeError(f"kthvalue: k={k} is not between 1 and the size {size} of dim {dim}")
    return named_pair("kthvalue", *apply(KTHVALUE, input, k, dim, keepdim))


@torch_name()
@tensor_method()
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle element, the lower of two; with a dim along it, with its index."""
    not_for("b", "median", input._array)
    if dim is None:
        return unary(MEDIAN, input)
    at = one_dim(dim, input._array.ndim)
    if input._array.ndim and input._array.shape[at] == 0:
        raise IndexError(f"median along dim {dim} of size 0 is not defined")
    return named_pair("median", *apply(MEDIAN_DIM, input, dim, keepdim))
