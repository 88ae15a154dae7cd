"""Writing single elements at indices along a dim: scatter, scatter_add, and their in-place forms."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import one_dim
from gradb.ops.lib_index import (
    add_flat,
    blanked,
    cells_along,
    check_fits,
    check_index,
    check_range,
    counted,
    gather,
)
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.unsigned import shown_unsigned


def _scatter(self: Any, src: Any, dim: int, index: Any) -> Any:
    result = np.array(self, order="C")
    if index.size == 0:
        return result
    values = src[tuple(map(slice, index.shape))] if isinstance(src, np.ndarray) and src.ndim else src
    result.reshape(-1)[cells_along(index, counted(self, dim), self.shape).reshape(-1)] = np.broadcast_to(
        values, index.shape
    ).reshape(-1)
    return result


def _written(grad: Any, dim: int, index: Any) -> Any:
    """The gradient with 0 where scatter wrote."""
    if lib.plain(index).size == 0:
        return grad
    mask = np.zeros(grad.shape, np.bool_)
    mask.reshape(-1)[cells_along(lib.plain(index), counted(grad, dim), grad.shape).reshape(-1)] = True
    return blanked(grad, mask)


_NOT_WRITTEN = Grad("0 at the indices, else ∂L/∂out", _written)
SCATTER = Op(
    "ScatterBackward0",
    _scatter,
    name="scatter",
    symbol="self with src at the indices",
    self=_NOT_WRITTEN,
    src=Grad("∂L/∂out at the indices", lambda grad, dim, index: gather(grad, dim, index)),
)
SCATTER_VALUE = Op(
    "ScatterBackward1",
    lambda self, value, dim, index: _scatter(self, value, dim, index),
    name="scatter",
    symbol="self with value at the indices",
    self=_NOT_WRITTEN,
)


def _scatter_add(self: Any, src: Any, dim: int, index: Any) -> Any:
    result = np.array(self, order="C")
    if index.size == 0:
        return result
    add_flat(result, cells_along(index, counted(self, dim), self.shape), src[tuple(map(slice, index.shape))])
    return result


SCATTER_ADD = Op(
    "ScatterAddBackward0",
    _scatter_add,
    name="scatter_add",
    symbol="self + src at the indices",
    self=Grad("∂L/∂out", lambda grad: grad),
    src=Grad("∂L/∂out at the indices", lambda grad, dim, index: gather(grad, dim, index)),
)

for _op in (SCATTER, SCATTER_VALUE, SCATTER_ADD):
    shown_unsigned(_op, "dim")


def _checked(op: str, input: Tensor, dim: int, index: Any, src: Any) -> None:
    """Raises where index and source do not fit the input."""
    check_index(op, index)
    shape = input._array.shape
    at = one_dim(dim, len(shape))
    if isinstance(src, Tensor) and src._array.dtype != input._array.dtype:
        raise complaints.dtypes_differ(op, input._array.dtype, src._array.dtype)
    if index._array.size:
        check_fits(op, index._array, shape, at)
        if isinstance(src, Tensor):
            if src._array.ndim < index._array.ndim:
                raise IndexError(f"{op}: the source has {src._array.ndim} dims, the index {index._array.ndim}")
            check_fits(op, index._array, src._array.shape, None)
        check_range(op, index._array, shape[at] if shape else 1)


def _scattered(run: Any, input: Tensor, dim: int, index: Tensor, src: Any, value: Any, reduce: str | None) -> Tensor:
    if reduce is not None:
        raise NotImplementedError("scatter(reduce=) is not supported; scatter_add adds")
    source = src if value is None else value
    _checked("scatter", input, dim, index, source)
    if isinstance(source, Tensor):
        return run(SCATTER, input, source, dim, index)
    return run(SCATTER_VALUE, input, source, dim, index)


@torch_name()
@tensor_method()
def scatter(
    input: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """A copy with the elements of `src`, or one number, written at the indices along a dim."""
    return _scattered(apply, input, dim, index, src, value, reduce)


@tensor_method()
def scatter_(
    self: Tensor, dim: int, index: Tensor, src: Any = None, *, value: Any = None, reduce: str | None = None
) -> Tensor:
    """Writes the elements of `src`, or one number, at the indices along a dim, in place."""
    return _scattered(write_through, self, dim, index, src, value, reduce)


@torch_name()
@tensor_method()
def scatter_add(input: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """A copy with the elements of `src` added at the indices along a dim."""
    _checked("scatter_add", input, dim, index, src)
    return apply(SCATTER_ADD, input, src, dim, index)


@tensor_method()
def scatter_add_(self: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """Adds the elements of `src` at the indices along a dim, in place."""
    _checked("scatter_add", self, dim, index, src)
    return write_through(SCATTER_ADD, self, src, dim, index)
