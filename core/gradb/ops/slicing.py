"""Writing slices at indices along a dim: index_add, index_copy, index_fill, and their in-place forms."""

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
    along,
    blanked,
    cells_of_slices,
    check_index,
    check_range,
    counted,
    slice_mask,
    slices,
)
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.unsigned import shown_unsigned


def _index_add(self: Any, source: Any, dim: int, index: Any, alpha: Any, source_dim: int) -> Any:
    result = np.array(self, order="C")
    values = source if alpha == 1 else source * alpha
    add_flat(result, cells_of_slices(index, counted(self, dim), self.shape), values)
    return result


def _source(grad: Any, dim: int, index: Any, source: Any) -> Any:
    """The slices of the gradient that the source went to, in the source's shape."""
    return lib.reshape(slices(grad, dim, index), tuple(source.shape))


INDEX_ADD = Op(
    "IndexAddBackward0",
    _index_add,
    name="index_add",
    symbol="self + alpha · source at the indices",
    self=Grad("∂L/∂out", lambda grad: grad),
    source=Grad(
        "∂L/∂out at the indices · alpha",
        lambda grad, dim, index, source, alpha: (
            _source(grad, dim, index, source) if alpha == 1 else _source(grad, dim, index, source) * alpha
        ),
    ),
    shows=("source_dim",),
)


def _index_copy(self: Any, source: Any, dim: int, index: Any, source_dim: int) -> Any:
    result = np.array(self, order="C" if source_dim else "K")
    if self.ndim:
        result[along(counted(self, dim), index.reshape(-1))] = source
    elif index.size:
        result[...] = source.reshape(())
    return result


_NOT_IN_SLICES = Grad(
    "0 in the slices, else ∂L/∂out",
    lambda grad, dim, index: blanked(grad, slice_mask(tuple(grad.shape), dim, index)),
)
INDEX_COPY = Op(
    "IndexCopyBackward0",
    _index_copy,
    name="index_copy",
    symbol="self with source at the indices",
    self=_NOT_IN_SLICES,
    source=Grad("∂L/∂out at the indices", lambda grad, dim, index, source: _source(grad, dim, index, source)),
    shows=("source_dim",),
)


def _index_fill(self: Any, value: Any, dim: int, index: Any) -> Any:
    return _index_copy(self, np.asarray(value, self.dtype), dim, index, 0)


INDEX_FILL = Op(
    "IndexFillBackward0", _index_fill, name="index_fill", symbol="self with value at the indices", self=_NOT_IN_SLICES
)
INDEX_FILL_TENSOR = Op(
    "IndexFillBackward1",
    _index_fill,
    name="index_fill",
    symbol="self with value at the indices",
    self=_NOT_IN_SLICES,
    value=Grad(
        "Σ ∂L/∂out at the indices",
        lambda grad, dim, index: lib.sum_dims(slices(grad, dim, np.unique(lib.plain(index))), None),
    ),
)

for _op in (INDEX_ADD, INDEX_COPY, INDEX_FILL, INDEX_FILL_TENSOR):
    shown_unsigned(_op, "dim")


def _checked(op: str, input: Tensor, dim: int, index: Any, error: type[Exception]) -> int:
    """The dim counted from 0. Raises where the index does not fit the input."""
    check_index(op, index)
    shape = input._array.shape
    at = one_dim(dim, len(shape))
    if index._array.ndim > 1:
        raise IndexError(f"{op} takes a vector of indices, found {index._array.ndim} dims")
    check_range(op, index._array, shape[at] if shape else 1, error, negative=op == "index_fill")
    return at


def _with_source(run: Any, op: Op, input: Tensor, dim: int, index: Tensor, source: Tensor, *more: Any) -> Tensor:
    name = op.info.name
    have, shape = source._array.shape, input._array.shape
    if source._array.dtype != input._array.dtype:
        raise complaints.dtypes_differ(name, input._array.dtype, source._array.dtype)
    at = _checked(name, input, dim, index, RuntimeError if name == "index_add" else IndexError)
    wanted = (*shape[:at], index._array.size, *shape[at + 1 :]) if shape else ()
    fits = have == wanted or (np.prod(have) == 1 == np.prod(wanted) and len(have) < 2 and len(wanted) < 2)
    if not fits:
        wrong = complaints.shapes_differ(name, wanted, have)
        if name == "index_copy" and len(have) == len(wanted) and index._array.size != have[at]:
            raise IndexError(str(wrong))
        raise wrong
    return run(op, input, source, dim, index, *more, len(have))


@torch_name()
@tensor_method()
def index_add(input: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """A copy with alpha times the slices of `source` added at the indices of a dim."""
    return _with_source(apply, INDEX_ADD, input, dim, index, source, alpha)


@tensor_method()
def index_add_(self: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """Adds alpha times the slices of `source` at the indices of a dim, in place."""
    return _with_source(write_through, INDEX_ADD, self, dim, index, source, alpha)


@torch_name()
@tensor_method()
def index_copy(input: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """A copy with the slices of `source` written at the indices of a dim."""
    return _with_source(apply, INDEX_COPY, input, dim, index, source)


@tensor_method()
def index_copy_(self: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """Writes the slices of `source` at the indices of a dim, in place."""
    return _with_source(write_through, INDEX_COPY, self, dim, index, source)


def _filled(run: Any, input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    _checked("index_fill", input, dim, index, IndexError)
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise RuntimeError(f"index_fill takes a number or a tensor without dims, found {complaints.called(value)}")
        return run(INDEX_FILL_TENSOR, input, value, dim, index)
    return run(INDEX_FILL, input, value, dim, index)


@torch_name()
@tensor_method()
def index_fill(input: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """A copy with one number in the slices at the indices of a dim."""
    return _filled(apply, input, dim, index, value)


@tensor_method()
def index_fill_(self: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """Writes one number into the slices at the indices of a dim, in place."""
    return _filled(write_through, self, dim, index, value)
