"""Reading and writing parts of a tensor: `x[0]`, `x[:, 1:3]`, `x[mask]`, `x[0] = 1`, select, gather."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import one_dim, whole
from gradb.ops.inplace import copy_
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.shape import ALIAS, UNSQUEEZE

END = (1 << 63) - 1


def _at(dim: int, index: Any) -> tuple[Any, ...]:
    return (*[slice(None)] * dim, index)


def _placed(grad: Any, sizes: tuple[int, ...], where: tuple[Any, ...]) -> Any:
    """Zeros of a shape with the gradient put at an index."""
    if isinstance(grad, Tensor):
        from gradb.ops.placing import place

        return place(grad, sizes, where)
    result = np.zeros(sizes, grad.dtype)
    result[where] = grad
    return result


SELECT = Op(
    "SelectBackward0",
    lambda self, dim, index: self[(*[slice(None)] * dim, index, ...)],
    name="select",
    symbol="self[index]",
    view=True,
    self=Grad(
        "∂L/∂out at the index, else 0",
        lambda grad, self_sym_sizes, dim, index: _placed(grad, self_sym_sizes, _at(dim, index)),
    ),
)
SLICE = Op(
    "SliceBackward0",
    lambda self, dim, start, end, step: self[_at(dim, slice(start, end, step))],
    name="slice",
    symbol="self[start:end:step]",
    view=True,
    self=Grad(
        "∂L/∂out in the slice, else 0",
        lambda grad, self_sym_sizes, dim, start, end, step: _placed(
            grad, self_sym_sizes, _at(dim, slice(start, end, step))
        ),
    ),
)


def _places(indices: Any) -> tuple[Any, ...]:
    return tuple([slice(None) if i is None else lib.plain(i) for i in indices])


def add_at(grad: Any, sizes: tuple[int, ...], where: tuple[Any, ...]) -> Any:
    """Zeros of a shape with the gradient added at an index, where places may come more than once."""
    if all(isinstance(i, slice) or i.dtype.kind == "b" for i in where):
        result = np.zeros(sizes, grad.dtype)
        result[where] = grad
        return result
    cells = np.arange(int(np.prod(sizes))).reshape(sizes)[where]
    grad = np.broadcast_to(grad, cells.shape)
    if grad.dtype == np.float64:
        return np.bincount(cells.ravel(), grad.ravel(), int(np.prod(sizes))).reshape(sizes)
    result = np.zeros(sizes, grad.dtype)
    np.add.at(result.reshape(-1), cells.ravel(), grad.ravel())
    return result


def _index_gradient(grad: Any, self_sym_sizes: tuple[int, ...], indices: Any) -> Any:
    if isinstance(grad, Tensor):
        from gradb.ops.placing import place

        return place(grad, self_sym_sizes, _places(indices))
    return add_at(grad, self_sym_sizes, _places(indices))


INDEX = Op(
    "IndexBackward0",
    lambda self, indices: self[tuple([slice(None) if i is None else i for i in indices])],
    name="index",
    symbol="self[indices]",
    self=Grad("∂L/∂out added at the indices, else 0", _index_gradient),
)


def _index_put(self: Any, values: Any, indices: Any) -> Any:
    result = self.copy(order="K")
    result[tuple([slice(None) if i is None else i for i in indices])] = values
    return result


INDEX_PUT = Op(
    "IndexPutBackward0",
    _index_put,
    name="index_put",
    symbol="self with values at the indices",
    self=Grad(
        "0 at the indices, else ∂L/∂out",
        lambda grad, indices: lib.where(_mask(grad.shape, _places(indices)), 0.0, grad),
    ),
    values=Grad("∂L/∂out at the indices", lambda grad, indices: grad[_places(indices)]),
)


def _mask(shape: tuple[int, ...], where: tuple[Any, ...]) -> Any:
    mask = np.zeros(shape, np.bool_)
    mask[where] = True
    return mask


def _tensor_index(index: Any) -> Tensor | None:
    """A tensor of indices out of a tensor, a list or an array; None for a plain index."""
    if isinstance(index, Tensor):
        return index
    if isinstance(index, list | np.ndarray):
        return Tensor._wrap(np.asarray(index) if len(index) else np.asarray(index, np.int64))
    if isinstance(index, bool):
        return Tensor._wrap(np.asarray(index))
    return None


def _view(tensor: Tensor, index: Any) -> tuple[Tensor, tuple[Any, ...]]:
    """The view that the plain indices choose, and what is left: tensor indices, None for the dims between them."""
    items = index if isinstance(index, tuple) else (index,)
    used = sum(_dims_used(item) for item in items)
    dims = tensor._array.ndim
    if used > dims:
        raise IndexError(f"{used} indices for a tensor of {dims} dims: {complaints.called(tensor)}")
    if not any(item is Ellipsis for item in items):
        items = (*items, Ellipsis) if used < dims and len(items) else items
    dim = 0
    left: list[Any] = []
    view = tensor
    for position, item in enumerate(items):
        array = _tensor_index(item)
        if item is Ellipsis:
            dim += dims - used
        elif item is None:
            view = unary(UNSQUEEZE, view, dim)
            dim += 1
        elif isinstance(item, slice):
            view = _sliced(view, dim, item, isinstance(index, tuple))
            dim += 1
        elif array is not None and not (array._array.ndim == 0 and array._array.dtype.kind in "iu"):
            if array._array.dtype.kind not in "iub":
                raise IndexError(f"tensors used as indices are int64 or bool, found {array._array.dtype.name}")
            left.extend([None] * (dim - len(left)))
            left.append(array)
            dim += array._array.ndim if array._array.dtype.kind == "b" else 1
            left.extend([...] * (max(array._array.ndim, 1) - 1 if array._array.dtype.kind == "b" else 0))
        else:
            view = select(view, dim, _position(item, position), _size_error=True)
    return view, tuple([i for i in left if i is not ...])


def _dims_used(item: Any) -> int:
    if item is None or item is Ellipsis:
        return 0
    array = _tensor_index(item)
    return array._array.ndim if array is not None and array._array.dtype.kind == "b" else 1


def _position(item: Any, position: int) -> int:
    try:
        return whole(item)
    except TypeError:
        raise IndexError(
            f"an index is an integer, a slice, None, ..., a list or a tensor, found {type(item).__name__}"
        ) from None


def _sliced(tensor: Tensor, dim: int, item: slice, among_others: bool) -> Tensor:
    """A slice of one dim. As in torch, one that takes the whole dim is no op when it stands among other indices."""
    step = 1 if item.step is None else whole(item.step)
    if step <= 0:
        raise ValueError(f"a slice's step is positive, found {step}; .flip(dim) reverses")
    size = tensor._array.shape[dim]
    start = 0 if item.start is None else whole(item.start)
    end = END if item.stop is None else whole(item.stop)
    start = max(start + size, 0) if start < 0 else start
    end = max(end + size, 0) if end < 0 else end
    if among_others and (start, step) == (0, 1) and end >= size:
        return tensor
    return unary(
        SLICE, tensor, dim, min(start, size), end if end == END else max(min(end, size), min(start, size)), step
    )


@torch_name()
@tensor_method()
def select(input: Tensor, dim: int, index: int, _size_error: bool = False) -> Tensor:
    """The slice at one index of a dim, without that dim."""
    dims = input._array.ndim
    if dims == 0:
        raise IndexError("a tensor without dims cannot be indexed; .item() gives its number")
    along = one_dim(dim, dims)
    size = input._array.shape[along]
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of range for dim {along} of size {size} of {complaints.called(input)}")
    return unary(SELECT, input, along, index)


@torch_name()
@tensor_method()
def narrow(input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """`length` slices of a dim, from `start` on."""
    along = one_dim(dim, input._array.ndim)
    size = input._array.shape[along]
    first = start + size if start < 0 else start
    if not 0 <= first <= first + length <= size:
        raise RuntimeError(f"narrow: {length} from {start} on is not within the size {size} of dim {along}")
    return unary(SLICE, input, along, first, first + length, 1)


@tensor_method()
def __getitem__(self: Tensor, index: Any) -> Tensor:
    view, left = _view(self, index)
    if left:
        _check_indices(view, left)
        return apply(INDEX, view, left)
    return unary(ALIAS, view) if view is self else view


def _check_indices(view: Tensor, left: tuple[Any, ...]) -> None:
    dim = 0
    for index in left:
        if index is None:
            dim += 1
            continue
        array = index._array
        shape = view._array.shape
        if array.dtype.kind == "b":
            if array.shape != shape[dim : dim + array.ndim]:
                raise IndexError(f"a mask of shape {array.shape} does not fit the shape {shape} at dim {dim}")
            dim += array.ndim
            continue
        if array.size and not (-shape[dim] <= array.min() and array.max() < shape[dim]):
            raise IndexError(f"an index is out of range for dim {dim} of size {shape[dim]}")
        dim += 1


@tensor_method()
def __setitem__(self: Tensor, index: Any, value: Any) -> None:
    view, left = _view(self, index)
    if not left:
        copy_(
            view, _without_leading_ones(value, view._array.ndim) if isinstance(value, Tensor) else _number(value, view)
        )
        return
    _check_indices(view, left)
    values = value if isinstance(value, Tensor) else _number(value, view)
    try:
        write_through(INDEX_PUT, view, values, left)
    except ValueError:
        raise complaints.shapes_differ("assignment", values._array.shape, self._array.shape) from None


def _without_leading_ones(value: Tensor, dims: int) -> Tensor:
    """A value with more dims than the place it goes to, but only of size 1, fits as in torch."""
    shape = value._array.shape
    extra = len(shape) - dims
    return value.view(shape[extra:]) if extra > 0 and all(n == 1 for n in shape[:extra]) else value


def _number(value: Any, like: Tensor) -> Tensor:
    return Tensor._wrap(np.asarray(value, like._array.dtype))


def _gather_gradient(grad: Any, self: Any, dim: int, index: Any) -> Any:
    from gradb.ops.placing import place

    array = lib.plain(index)
    where = list(np.ix_(*[np.arange(n) for n in array.shape])) if array.ndim else [np.asarray(0)]
    where[dim] = array
    if isinstance(grad, Tensor):
        return place(grad, lib.plain(self).shape, tuple(where))
    return add_at(grad, self.shape, tuple(where))


GATHER = Op(
    "GatherBackward0",
    lambda self, dim, index, sparse_grad: np.take_along_axis(
        self[tuple([slice(0, n) if d != dim else slice(None) for d, n in enumerate(index.shape)])], index, dim
    ),
    name="gather",
    symbol="self[index] along dim",
    self=Grad("∂L/∂out added at the indices, else 0", _gather_gradient),
    shows=("sparse_grad",),
)


@torch_name()
@tensor_method()
def gather(input: Tensor, dim: int, index: Tensor, *, sparse_grad: bool = False) -> Tensor:
    """Along a dim, the elements at the indices; out has the shape of `index`."""
    return apply(GATHER, input, one_dim(dim, input._array.ndim), index, sparse_grad)


INDEX_SELECT = Op(
    "IndexSelectBackward0",
    lambda self, dim, index: np.take(self, index, dim),
    name="index_select",
    symbol="self[index] along dim",
    self=Grad(
        "∂L/∂out added at the indices, else 0",
        lambda grad, self_sym_sizes, dim, index: _index_gradient(grad, self_sym_sizes, (*[None] * dim, index)),
    ),
)


@torch_name()
@tensor_method()
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The slices of a dim at the indices of a vector."""
    return apply(INDEX_SELECT, input, one_dim(dim, input._array.ndim), index)
