"""Writing parts of a tensor: `x[0] = 1`, `x[mask] = y`, index_put, index_put_."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.convert import to_dtype
from gradb.ops.expanding import expand
from gradb.ops.indexing import check_indices, places, viewed
from gradb.ops.inplace import copy_, fill_
from gradb.ops.lib_index import add_flat, blanked
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.shape import UNSQUEEZE, view


def _index_put(self: Any, values: Any, indices: Any, accumulate: bool) -> Any:
    result = self.copy(order="K")
    where = places(indices)
    if not accumulate:
        result[where] = values
        return result
    cells = np.arange(self.size).reshape(self.shape)[where]
    result = np.asarray(result, order="C")
    add_flat(result, cells, np.broadcast_to(values, cells.shape))
    return result


def _mask(shape: tuple[int, ...], where: tuple[Any, ...]) -> Any:
    mask = np.zeros(shape, np.bool_)
    mask[where] = True
    return mask


INDEX_PUT = Op(
    "IndexPutBackward0",
    _index_put,
    name="index_put",
    symbol="self with values at the indices",
    self=Grad(
        "0 at the indices, else ∂L/∂out (all of it where values are added)",
        lambda grad, indices, accumulate: (
            grad if accumulate else blanked(grad, _mask(tuple(grad.shape), places(indices)))
        ),
    ),
    values=Grad("∂L/∂out at the indices", lambda grad, indices: _read(grad, indices)),
)


def _read(grad: Any, indices: Any) -> Any:
    if isinstance(grad, Tensor):
        return grad[tuple([slice(None) if i is None else i for i in indices])]
    return grad[places(indices)]


def _value(value: Any, like: Tensor) -> Tensor:
    """What is assigned as a tensor; a number takes the dtype of the tensor that it goes into."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, str) or not isinstance(value, bool | int | float | np.number | np.bool_ | np.ndarray):
        raise TypeError(f"a {type(value).__name__} cannot be assigned into a tensor; a number or a tensor can")
    return Tensor._wrap(np.asarray(value, like._array.dtype))


def _without_front(values: Tensor) -> Tensor:
    """Without the dims of size 1 in front, which assignment ignores."""
    shape = values._array.shape
    first = next((d for d, n in enumerate(shape) if n != 1), len(shape))
    return view(values, shape[first:]) if first else values


def _copied(target: Tensor, values: Tensor) -> None:
    """Assignment to a view: a number fills, a tensor is broadcast and copied."""
    if values._array.shape == target._array.shape:
        copy_(target, values)
    elif values._array.ndim == 0:
        fill_(target, values)
    else:
        fitting = view(values, _without_front(values.detach())._array.shape)
        if fitting._array.shape != target._array.shape:
            fitting = expand(fitting, target._array.shape)
        copy_(target, fitting)


@tensor_method()
@one_step
def __setitem__(self: Tensor, index: Any, value: Any) -> None:
    values = _value(value, self)
    if index is False:
        return
    target, left = (unary(UNSQUEEZE, self, 0), ()) if index is True else viewed(self, index, True)
    if not left:
        _copied(target, values)
        return
    check_indices(target, left)
    _put(write_through, target, left, _without_front(values), False)


def _put(run: Any, target: Tensor, left: tuple[Any, ...], values: Tensor, accumulate: bool) -> Tensor:
    if values._array.dtype != target._array.dtype:
        if target._array.dtype.kind != "f" or values._array.dtype.kind != "f":
            raise complaints.dtypes_differ("index_put", target._array.dtype, values._array.dtype)
        values = to_dtype(values, target._array.dtype)
    try:
        return run(INDEX_PUT, target, values, left, accumulate)
    except ValueError:
        raise complaints.shapes_differ("assignment", values._array.shape, target._array.shape) from None


@torch_name()
@tensor_method()
def index_put(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """A copy with values written (or, with accumulate, added) at the places that a tuple of indices names."""
    check_indices(input, tuple(indices))
    return _put(apply, input, tuple(indices), values, accumulate)


@torch_name()
@tensor_method()
def index_put_(input: Tensor, indices: Any, values: Tensor, accumulate: bool = False) -> Tensor:
    """Writes (or adds) values at the places that a tuple of indices names."""
    check_indices(input, tuple(indices))
    return _put(write_through, input, tuple(indices), values, accumulate)
