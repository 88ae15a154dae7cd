"""Elements at indices: gather, take_along_dim, index_select, take."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import one_dim
from gradb.ops.lib_index import (
    add_flat,
    check_fits,
    check_index,
    check_range,
    gather_array,
    scatter_zeros,
    slices_added,
)
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.unsigned import shown_unsigned

GATHER = Op(
    "GatherBackward0",
    lambda self, dim, index, sparse_grad: gather_array(self, dim, index),
    name="gather",
    symbol="self[index] along dim",
    self=Grad(
        "∂L/∂out added at the indices, else 0",
        lambda grad, self, dim, index: scatter_zeros(grad, self.shape, dim, index),
    ),
    shows=("sparse_grad",),
)
INDEX_SELECT = Op(
    "IndexSelectBackward0",
    lambda self, dim, index: np.take(self, index.reshape(-1), dim) if self.ndim else self.copy(),
    name="index_select",
    symbol="self[index] along dim",
    self=Grad(
        "∂L/∂out added at the indices, else 0",
        lambda grad, self_sym_sizes, dim, index: slices_added(grad, self_sym_sizes, dim, index),
    ),
)


def taken(grad: Any, shape: tuple[int, ...], index: Any) -> Any:
    """Zeros with the gradient added at numbered cells."""
    if isinstance(grad, Tensor):
        flat = Tensor._wrap(np.zeros(int(np.prod(shape)), grad._array.dtype))
        cells = lib.plain(index).reshape(-1)
        cells = np.where(cells < 0, cells + flat._array.size, cells)
        return flat.index_add(0, Tensor._wrap(cells), grad.reshape(-1)).reshape(shape)
    result = np.zeros(shape, grad.dtype)
    add_flat(result, index, grad)
    return result


TAKE = Op(
    "TakeBackward0",
    lambda self, index: np.take(self.reshape(-1), index),
    name="take",
    symbol="self[index], counted in one row",
    self=Grad("∂L/∂out added at the indices, else 0", lambda grad, self, index: taken(grad, tuple(self.shape), index)),
)


shown_unsigned(GATHER, "dim")
shown_unsigned(INDEX_SELECT, "dim")


@torch_name()
@tensor_method()
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """Along a dim, the elements at the indices; out has the shape of `index`."""
    check_index("gather", index)
    shape = input._array.shape
    at = one_dim(dim, len(shape))
    if index._array.size:
        check_fits("gather", index._array, shape, at)
        check_range("gather", index._array, shape[at] if shape else 1)
    return apply(GATHER, input, dim, index, sparse_grad)


@torch_name()
@tensor_method()
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices of a dim at the indices of a vector."""
    check_index("index_select", index)
    shape = input._array.shape
    at = one_dim(dim, len(shape))
    if index._array.ndim > 1:
        raise IndexError(f"index_select takes a vector of indices, found {index._array.ndim} dims")
    check_range("index_select", index._array, shape[at] if shape else 1, IndexError if shape else RuntimeError)
    return apply(INDEX_SELECT, input, dim, index)


@torch_name()
@tensor_method()
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """The elements at indices along a dim, as argmax and argsort give them; both are broadcast to each other."""
    check_index("take_along_dim", indices)
    if dim is None:
        return gather(input.view(-1), 0, indices.view(-1))
    have, wanted = input._array.shape, indices._array.shape
    at = one_dim(dim, len(have))
    if len(have) != len(wanted):
        raise RuntimeError(f"take_along_dim: {len(wanted)} dims of indices for {len(have)} of the input")
    try:
        rest = np.broadcast_shapes((*have[:at], 1, *have[at + 1 :]), (*wanted[:at], 1, *wanted[at + 1 :]))
    except ValueError:
        raise complaints.shapes_differ("take_along_dim", have, wanted) from None
    whole = input.expand(*rest[:at], have[at], *rest[at + 1 :])
    return gather(whole, at, indices.expand(*rest[:at], wanted[at], *rest[at + 1 :]))


@torch_name()
@tensor_method()
def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements at indices into the tensor read as one row."""
    check_index("take", index)
    if index._array.size and not input._array.size:
        raise IndexError("take: there are no elements to take")
    check_range("take", index._array, input._array.size, IndexError, negative=True)
    return apply(TAKE, input, index)
