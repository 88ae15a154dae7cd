"""Counting and finding, without gradients: nonzero, count_nonzero, unique, bincount, histc, searchsorted, isin."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.args import dims_of, one_dim
from gradb.ops.complain import not_for
from gradb.ops.registry import tensor_method, torch_name


def _found(name: str, symbol: str, forward: Any, **more: Any) -> Op:
    """An op that no gradient flows through."""
    return Op("", forward, name=name, symbol=symbol, inputs=1, **more)


NONZERO = _found(
    "nonzero",
    "where self ≠ 0",
    lambda self: np.argwhere(self) if self.ndim else np.zeros((int(self != 0), 0), np.int64),
)
COUNT_NONZERO = _found(
    "count_nonzero", "how many of self ≠ 0", lambda self, dim: np.asarray(np.count_nonzero(self, dim), np.int64)
)
BINCOUNT = _found("bincount", "how often each number comes", lambda self, minlength: np.bincount(self, None, minlength))
BINCOUNT_WEIGHTED = _found(
    "bincount",
    "Σ weights of each number",
    lambda self, weights, minlength: np.bincount(self, weights, minlength).astype(
        weights.dtype if weights.dtype.kind == "f" else np.float64, copy=False
    ),
)


@torch_name()
@tensor_method()
@one_step
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not 0, a row for each; as_tuple gives a vector per dim to index with."""
    found = unary(NONZERO, input)
    if not as_tuple:
        return found
    if input._array.ndim == 0:
        return nonzero(input.reshape(1), as_tuple=True)
    return tuple([Tensor._wrap(np.asarray(column, order="C")) for column in found._array.T])


@torch_name()
@tensor_method()
def argwhere(input: Tensor) -> Tensor:
    """The indices of the elements that are not 0, a row for each."""
    return nonzero(input)


@torch_name()
@tensor_method()
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """How many elements are not 0, of all or along dims."""
    return unary(COUNT_NONZERO, input, None if dim is None else dims_of(dim, input._array.ndim))


@torch_name()
@tensor_method()
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each whole number from 0 on comes; with weights their sum instead."""
    numbers = input._array
    if numbers.dtype.kind not in "iu":
        raise NotImplementedError(f"bincount takes whole numbers, found {numbers.dtype.name}")
    if numbers.ndim != 1 or (numbers.size and numbers.min() < 0):
        raise RuntimeError("bincount takes a vector of numbers that are not negative")
    if minlength < 0:
        raise RuntimeError(f"bincount: minlength is not negative, found {minlength}")
    if weights is None:
        return unary(BINCOUNT, input, minlength)
    if weights._array.shape != numbers.shape:
        raise complaints.shapes_differ("bincount", numbers.shape, weights._array.shape)
    return apply(BINCOUNT_WEIGHTED, input, weights, minlength)


def _unique(self: Any, inverse: bool, counts: bool, dim: int | None) -> Any:
    values, back, often = np.unique(self, return_inverse=True, return_counts=True, axis=dim, equal_nan=False)
    back = back.reshape(self.shape) if dim is None else back.reshape(-1)
    return values, back, often


def _undefined(grads: Any) -> Any:
    raise NotImplementedError("unique has no gradient: detach what goes into it")


_NAMED: dict[str, Any] = {"outputs": ("output", "inverse", "counts"), "nondifferentiable": ("inverse", "counts")}
_NO_GRADIENT = Grad("not defined", _undefined)
UNIQUE = Op("Unique2Backward0", _unique, name="unique", symbol="each of self once", self=_NO_GRADIENT, **_NAMED)
UNIQUE_DIM = Op("UniqueDimBackward0", _unique, name="unique", symbol="each of self once", self=_NO_GRADIENT, **_NAMED)


@torch_name()
@tensor_method()
def unique(
    input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False, dim: Any = None
) -> Any:
    """Each value once, in order; and on request where each element's value is, and how often each value comes."""
    at = None if dim is None else one_dim(dim, input._array.ndim)
    values, back, often = apply(UNIQUE if at is None else UNIQUE_DIM, input, return_inverse, return_counts, at)
    wanted = (values, *[back] * return_inverse, *[often] * return_counts)
    return wanted if len(wanted) > 1 else values


def _runs(self: Any) -> Any:
    flat = self.reshape(-1)
    first = np.ones(flat.size, np.bool_)
    first[1:] = flat[1:] != flat[:-1]
    starts = np.flatnonzero(first)
    return flat[first], (np.cumsum(first) - 1).reshape(self.shape), np.diff(starts, append=flat.size)


UNIQUE_RUNS = Op(
    "UniqueConsecutiveBackward0",
    _runs,
    name="unique_consecutive",
    symbol="self without repetitions",
    self=_NO_GRADIENT,
    **_NAMED,
)


@torch_name()
@tensor_method()
def unique_consecutive(input: Tensor, return_inverse: bool = False, return_counts: bool = False) -> Any:
    """The elements in a row, without those equal to the one before."""
    values, back, often = apply(UNIQUE_RUNS, input)
    wanted = (values, *[back] * return_inverse, *[often] * return_counts)
    return wanted if len(wanted) > 1 else values


def _histogram(self: Any, bins: int, min: float, max: float) -> Any:
    low, high = (min, max) if (min, max) != (0, 0) or self.size == 0 else (float(self.min()), float(self.max()))
    if low == high:
        low, high = low - 1, high + 1
    return np.histogram(self, bins, (low, high))[0].astype(self.dtype)


HISTC = _found("histc", "how many of self are in each bin", _histogram)


@torch_name()
@tensor_method()
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many elements are in each of the equal bins from min to max (from the smallest to the largest by default)."""
    if input._array.dtype.kind != "f":
        raise NotImplementedError(f"histc takes floats, found {input._array.dtype.name}")
    if bins <= 0 or max < min:
        raise RuntimeError(f"histc wants bins > 0 and max >= min, found {bins}, {min}, {max}")
    return unary(HISTC, input, bins, min, max)


def _searched(sorted_sequence: Any, values: Any, right: bool) -> Any:
    side = "right" if right else "left"
    if sorted_sequence.ndim == 1:
        return np.asarray(np.searchsorted(sorted_sequence, values, side), np.int64)
    before = np.less_equal if right else np.less
    below = before(sorted_sequence[..., None, :], values[..., :, None])
    return np.asarray(np.add.reduce(below, -1, np.int64), order="C")


SEARCHSORTED = _found("searchsorted", "where values belong in sorted_sequence", _searched)


def _side(right: bool, side: str | None, name: str) -> bool:
    if side not in (None, "left", "right"):
        raise RuntimeError(f'{name}: side is "left" or "right", found {side!r}')
    if side == "left" and right:
        raise RuntimeError(f'{name}: side="left" and right=True exclude each other')
    return right if side is None else side == "right"


@torch_name()
@one_step
def searchsorted(
    sorted_sequence: Tensor, input: Any, *, out_int32: bool = False, right: bool = False, side: str | None = None
) -> Tensor:
    """For each value the index at which it keeps the sequence in order; before equal ones, or with right=True after."""
    values = input if isinstance(input, Tensor) else Tensor._wrap(np.asarray(input, sorted_sequence._array.dtype))
    rows, wanted = sorted_sequence._array, values._array
    if rows.ndim != 1 and rows.shape[:-1] != wanted.shape[:-1]:
        raise complaints.shapes_differ("searchsorted", rows.shape, wanted.shape)
    if isinstance(input, Tensor) and rows.dtype != wanted.dtype:
        raise complaints.dtypes_differ("searchsorted", rows.dtype, wanted.dtype)
    not_for("b", "searchsorted", rows)
    found = apply(SEARCHSORTED, sorted_sequence, values, _side(right, side, "searchsorted"))
    return found.int() if out_int32 else found


@torch_name()
def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """For each value the index of the bucket that it falls into, between the boundaries."""
    if boundaries._array.ndim != 1:
        raise RuntimeError(f"bucketize takes a vector of boundaries, found {boundaries._array.ndim} dims")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


ISIN = _found("isin", "whether self is in test_elements", lambda self, test_elements: np.isin(self, test_elements))


@torch_name()
@one_step
def isin(elements: Any, test_elements: Any, *, invert: bool = False) -> Tensor:
    """Where the elements are among the test elements."""
    one, other = [t if isinstance(t, Tensor) else Tensor._wrap(np.asarray(t)) for t in (elements, test_elements)]
    not_for("b", "isin", one._array, other._array, error=RuntimeError)
    found = apply(ISIN, one, other)
    return ~found if invert else found
