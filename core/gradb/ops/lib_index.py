"""Moving elements by indices, for gradient formulas: on arrays in a plain backward, on tensors under `create_graph`."""

import math
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.tensor import Tensor
from gradb.ops import lib

ALL = slice(None)


def along(dim: int, index: Any) -> tuple[Any, ...]:
    """numpy's index that takes `index` along a dim counted from 0."""
    return (*[ALL] * dim, index)


def add_flat(target: Any, cells: Any, values: Any) -> None:
    """Adds values at numbered cells of an array in order, in place; a cell may come more than once.

    `np.add.at` on one dim and equal dtypes is the quick case of numpy: some 3 ns an element.
    """
    flat = target.reshape(-1)
    np.add.at(flat, np.ascontiguousarray(cells).reshape(-1), np.ascontiguousarray(values, target.dtype).reshape(-1))


def add_at(grad: Any, sizes: tuple[int, ...], where: tuple[Any, ...]) -> Any:
    """Zeros of a shape with the gradient added at an index of numpy's, where places may come more than once."""
    result = np.zeros(sizes, grad.dtype)
    if all(isinstance(i, int | slice) or i.dtype.kind == "b" for i in where):
        result[where] = grad
    elif len(where) == 1:
        cells = where[0] % max(sizes[0], 1)
        add_flat(result, cells_of_slices(cells, 0, sizes), grad)
    else:
        cells = np.arange(math.prod(sizes)).reshape(sizes)[where]
        add_flat(result, cells, np.broadcast_to(grad, cells.shape))
    return result


def cells_along(index: Any, dim: int, sizes: tuple[int, ...]) -> Any:
    """The numbers of the cells that `index` means along a dim, for gather and scatter; of the shape of `index`."""
    if not sizes or index.size == 0:
        return np.zeros(index.shape, np.int64)
    cells = index.astype(np.int64, copy=False) * math.prod(sizes[dim + 1 :])
    for d, n in enumerate(index.shape):
        if d != dim:
            steps = np.arange(n) * math.prod(sizes[d + 1 :])
            cells = cells + steps.reshape(-1, *[1] * (len(sizes) - 1 - d))
    return cells


def cells_of_slices(index: Any, dim: int, sizes: tuple[int, ...]) -> Any:
    """The numbers of the cells in the slices that a vector of indices means along a dim."""
    if not sizes:
        return np.zeros(index.reshape(-1).shape, np.int64)
    wide = index.reshape(-1, *[1] * (len(sizes) - 1 - dim))
    return cells_along(np.broadcast_to(wide, (*[1] * dim, index.size, *[1] * (len(sizes) - 1 - dim))), dim, sizes) + (
        _offsets(dim, sizes)
    )


def _offsets(dim: int, sizes: tuple[int, ...]) -> Any:
    """The cell numbers of one slice."""
    kept = np.zeros((), np.int64)
    for d, n in enumerate(sizes):
        if d != dim:
            kept = kept + (np.arange(n) * math.prod(sizes[d + 1 :])).reshape(-1, *[1] * (len(sizes) - 1 - d))
    return kept


def gather(x: Any, dim: int, index: Any) -> Any:
    """The elements at the indices along a dim."""
    if isinstance(x, Tensor):
        return x.gather(dim, as_tensor(index))
    return gather_array(x, dim, lib.plain(index))


def gather_array(x: Any, dim: int, index: Any) -> Any:
    """The same of an array; the dims other than `dim` may be longer than the index's."""
    return np.take(x.reshape(-1), cells_along(index, dim % max(x.ndim, 1), x.shape))


def scatter_zeros(grad: Any, sizes: tuple[int, ...], dim: int, index: Any) -> Any:
    """Zeros with the gradient added at the indices along a dim: the gradient of gather."""
    if isinstance(grad, Tensor):
        return Tensor._wrap(np.zeros(sizes, grad._array.dtype)).scatter_add(dim, as_tensor(index), grad)
    result = np.zeros(sizes, grad.dtype)
    places = lib.plain(index)
    add_flat(result, cells_along(places, dim % max(len(sizes), 1), sizes), grad[tuple(map(slice, places.shape))])
    return result


def slices(x: Any, dim: int, index: Any) -> Any:
    """The slices of a dim at a vector of indices."""
    if isinstance(x, Tensor):
        return x.index_select(dim, as_tensor(index))
    places = lib.plain(index)
    return np.take(x, places.reshape(-1), dim) if x.ndim else x


def slices_added(grad: Any, sizes: tuple[int, ...], dim: int, index: Any) -> Any:
    """Zeros with the gradient's slices added at the indices: the gradient of `slices`."""
    if isinstance(grad, Tensor):
        return Tensor._wrap(np.zeros(sizes, grad._array.dtype)).index_add(dim, as_tensor(index), grad)
    result = np.zeros(sizes, grad.dtype)
    add_flat(result, cells_of_slices(lib.plain(index), dim % max(len(sizes), 1), sizes), grad)
    return result


def blanked(grad: Any, mask: Any) -> Any:
    """The gradient with 0 where the mask (an array) is true."""
    return lib.where(mask, 0.0, grad)


def slice_mask(shape: tuple[int, ...], dim: int, index: Any) -> Any:
    """True in the slices of a dim at the indices."""
    mask = np.zeros(shape, np.bool_)
    if not shape:
        return np.ones((), np.bool_)
    mask[along(dim % len(shape), lib.plain(index).reshape(-1))] = True
    return mask


def as_tensor(index: Any) -> Tensor:
    """Indices as a tensor."""
    return index if isinstance(index, Tensor) else Tensor._wrap(index)


def flip(x: Any, dims: Any) -> Any:
    """The elements in reverse order along dims."""
    return x.flip(dims) if isinstance(x, Tensor) else np.flip(x, dims)


def cumsum(x: Any, dim: int) -> Any:
    """The sums so far."""
    return x.cumsum(dim) if isinstance(x, Tensor) else np.cumsum(x, dim if x.ndim else None).reshape(x.shape)


def reversed_cumsum(x: Any, dim: int) -> Any:
    """The sums from each element to the end."""
    if x.ndim == 0:
        return x
    return flip(cumsum(flip(x, (dim,)), dim), (dim,))


def products_of_others(x: Any, dim: int) -> Any:
    """For each element the product of the others along a dim, right also where some are 0."""
    if x.ndim == 0:
        return x * 0 + 1
    before = _shifted_products(x, dim)
    return before * flip(_shifted_products(flip(x, (dim,)), dim), (dim,))


def _shifted_products(x: Any, dim: int) -> Any:
    """The product of all elements before each."""
    at = dim % x.ndim
    size = x.shape[at]
    if isinstance(x, Tensor):
        from gradb.ops.joining import cat

        one = Tensor._wrap(np.ones((*x.shape[:at], min(size, 1), *x.shape[at + 1 :]), x._array.dtype))
        return cat([one, x.narrow(at, 0, max(size - 1, 0)).cumprod(at)], at)
    result = np.ones_like(x)
    np.multiply.accumulate(x[along(at, slice(0, max(size - 1, 0)))], at, out=result[along(at, slice(1, None))])
    return result


# --- what index ops refuse


def check_index(op: str, index: Any) -> None:
    """Raises unless `index` is a tensor of int64 (or int32)."""
    if not isinstance(index, Tensor):
        raise TypeError(f"{op} takes a tensor of indices, found {type(index).__name__}")
    if index._array.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"{op} takes indices in int64, found {index._array.dtype.name}: convert with .long()")


def check_range(op: str, index: Any, size: int, error: type[Exception] = RuntimeError, negative: bool = False) -> None:
    """Raises unless all indices (an array) are below the size, and none is negative unless that is allowed."""
    if index.size == 0:
        return
    low, high = int(index.min()), int(index.max())
    if low < (-size if negative else 0) or high >= size:
        bad = high if high >= size else low
        raise error(f"{op}: index {bad} is out of range for a dim of size {size}")


def check_fits(op: str, index: Any, shape: tuple[int, ...], but: int | None) -> None:
    """Raises RuntimeError unless the index has as many dims as the shape and is nowhere longer, but for one dim."""
    have: tuple[int, ...] = index.shape
    if max(len(have), 1) != max(len(shape), 1):
        raise RuntimeError(f"{op}: the index has {len(have)} dims, the tensor {len(shape)}; they must be as many")
    if any(n > m and d != but for d, (n, m) in enumerate(zip(have, shape, strict=False))):
        raise complaints.shapes_differ(op, have, shape)


def counted(x: Any, dim: int) -> int:
    """The dim counted from 0."""
    return dim % max(x.ndim, 1)
