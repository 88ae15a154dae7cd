"""Writing at indices along a dim: scatter, scatter_add, index_add, index_copy, index_fill, and their in-place forms."""

from typing import Any

import numpy as np

from gradb.autograd.op import Grad, Op
from gradb.ops import lib
from gradb.ops.lib_index import (
    add_flat,
    along,
    blanked,
    cells_along,
    cells_of_slices,
    gather,
    slice_mask,
    slices,
)
from gradb.ops.unsigned import shown_unsigned


def _at(self: Any, dim: int) -> int:
    return dim % max(self.ndim, 1)


def _scatter(self: Any, src: Any, dim: int, index: Any) -> Any:
    result = np.array(self, order="C")
    values = src[tuple(map(slice, index.shape))] if isinstance(src, np.ndarray) and src.ndim else src
    result.reshape(-1)[cells_along(index, _at(self, dim), self.shape).reshape(-1)] = np.broadcast_to(
        values, index.shape
    ).reshape(-1)
    return result


def _written(grad: Any, dim: int, index: Any) -> Any:
    """The gradient with 0 where scatter wrote."""
    mask = np.zeros(grad.shape, np.bool_)
    mask.reshape(-1)[cells_along(lib.plain(index), _at(grad, dim), grad.shape).reshape(-1)] = True
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
    add_flat(result, cells_along(index, _at(self, dim), self.shape), src[tuple(map(slice, index.shape))])
    return result


SCATTER_ADD = Op(
    "ScatterAddBackward0",
    _scatter_add,
    name="scatter_add",
    symbol="self + src at the indices",
    self=Grad("∂L/∂out", lambda grad: grad),
    src=Grad("∂L/∂out at the indices", lambda grad, dim, index: gather(grad, dim, index)),
)


def _index_add(self: Any, source: Any, dim: int, index: Any, alpha: Any) -> Any:
    result = np.array(self, order="C")
    values = source if alpha == 1 else source * alpha
    add_flat(result, cells_of_slices(index, _at(self, dim), self.shape), values)
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
)


def _index_copy(self: Any, source: Any, dim: int, index: Any) -> Any:
    result = np.array(self, order="C")
    if self.ndim:
        result[along(_at(self, dim), index.reshape(-1))] = source
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
)


def _index_fill(self: Any, value: Any, dim: int, index: Any) -> Any:
    return _index_copy(self, np.asarray(value, self.dtype), dim, index)


INDEX_FILL = Op(
    "IndexFillBackward0", _index_fill, name="index_fill", symbol="self with value at the indices", self=_NOT_IN_SLICES
)
INDEX_FILL_TENSOR = Op(
    "IndexFillBackward1",
    _index_fill,
    name="index_fill",
    symbol="self with value at the indices",
    self=_NOT_IN_SLICES,
    value=Grad("Σ ∂L/∂out at the indices", lambda grad, dim, index: lib.sum_dims(slices(grad, dim, index), None)),
)

for _op in (SCATTER, SCATTER_VALUE, SCATTER_ADD, INDEX_ADD, INDEX_COPY, INDEX_FILL, INDEX_FILL_TENSOR):
    shown_unsigned(_op, "dim")
