"""Reading parts of a tensor: `x[0]`, `x[:, 1:3]`, `x[mask]`, `x[rows, columns]`, select, narrow."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import checked_dim, one_dim, whole
from gradb.ops.lib_index import add_at, along
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.shape import ALIAS, UNSQUEEZE
from gradb.ops.unsigned import shown_unsigned

END = (1 << 63) - 1


def _placed(grad: Any, sizes: tuple[int, ...], where: tuple[Any, ...]) -> Any:
    """Zeros of a shape with the gradient put at an index."""
    if isinstance(grad, Tensor):
        from gradb.ops.placing import place

        return place(grad, sizes, where)
    result = np.zeros(sizes, grad.dtype)
    result[where] = grad
    return result


def _at(dim: int, dims: int, index: Any) -> tuple[Any, ...]:
    return along(dim % dims, index)


SELECT = Op(
    "SelectBackward0",
    lambda self, dim, index: self[(*_at(dim, self.ndim, index), ...)],
    name="select",
    symbol="self[index] of dimension dim",
    view=True,
    self=Grad(
        "∂L/∂out at [index], else 0",
        lambda grad, self_sym_sizes, dim, index: _placed(grad, self_sym_sizes, _at(dim, len(self_sym_sizes), index)),
    ),
)
SLICE = Op(
    "SliceBackward0",
    lambda self, dim, start, end, step: self[_at(dim, self.ndim, slice(start, end, step))],
    name="slice",
    symbol="self[start:end:step] of dimension dim",
    view=True,
    self=Grad(
        "∂L/∂out in the slice, else 0",
        lambda grad, self_sym_sizes, dim, start, end, step: _placed(
            grad, self_sym_sizes, _at(dim, len(self_sym_sizes), slice(start, end, step))
        ),
    ),
)


def places(indices: Any) -> tuple[Any, ...]:
    """numpy's index for indices that are tensors, or None for a whole dim."""
    return tuple([slice(None) if i is None else lib.plain(i) for i in indices])


def _index_gradient(grad: Any, self_sym_sizes: tuple[int, ...], indices: Any) -> Any:
    if isinstance(grad, Tensor):
        from gradb.ops.placing import place

        return place(grad, self_sym_sizes, places(indices))
    return add_at(grad, self_sym_sizes, places(indices))


INDEX = Op(
    "IndexBackward0",
    lambda self, indices: np.asarray(self[places(indices)], order="C"),
    name="index",
    symbol="self[indices]",
    self=Grad("∂L/∂out added at the indices, else 0", _index_gradient),
)

shown_unsigned(SELECT, "dim", "index")
shown_unsigned(SLICE, "dim", "start", "end", "step")


def _tensor_index(index: Any) -> Tensor | None:
    """A tensor of indices out of a tensor, a sequence, an array or a bool; None for a plain index."""
    if isinstance(index, Tensor):
        return index
    if isinstance(index, str):
        raise TypeError(f"an index is no text, found {index!r}")
    if isinstance(index, list | tuple | range | np.ndarray):
        from gradb.ops.creation import array_from

        return Tensor._wrap(array_from(list(index)) if len(index) else np.zeros(0, np.int64))
    if isinstance(index, bool | np.bool_):
        return Tensor._wrap(np.asarray(index))
    return None


def sliced(tensor: Tensor, dim: int, item: slice, skips_whole: bool = False) -> Tensor:
    """A slice of one dim, also a whole one; with `skips_whole` a slice that takes the whole dim is no op."""
    step = 1 if item.step is None else whole(item.step)
    if step <= 0:
        raise ValueError(f"a slice's step is positive, found {step}; .flip(dim) reverses")
    start = 0 if item.start is None else whole(item.start)
    end = END if item.stop is None else whole(item.stop)
    if skips_whole and (start, step) == (0, 1) and end >= tensor._array.shape[dim]:
        return tensor
    return unary(SLICE, tensor, dim, start, end, step)


def viewed(tensor: Tensor, index: Any, skips_whole: bool) -> tuple[Tensor, tuple[Any, ...]]:
    """The view that the plain indices choose, and what is left: tensors of indices, None for the dims between them."""
    items = index if isinstance(index, tuple) else (index,)
    arrays = [_tensor_index(item) for item in items]
    used = sum(_dims_used(item, array) for item, array in zip(items, arrays, strict=True))
    dims = tensor._array.ndim
    if used > dims:
        raise IndexError(f"{used} indices for a tensor of {dims} dims: {complaints.called(tensor)}")
    dim = 0
    left: list[Any] = []
    view = tensor
    for item, array in zip(items, arrays, strict=True):
        if item is Ellipsis:
            dim += dims - used
        elif item is None:
            view = unary(UNSQUEEZE, view, dim)
            dim += 1
        elif isinstance(item, slice):
            view = sliced(view, dim, item, skips_whole)
            dim += 1
        elif array is None or (array._array.ndim == 0 and array._array.dtype.kind in "iu"):
            view = select(view, dim, _position(item))
        else:
            view, array = _wide(view, dim, array)
            left.extend([None] * (dim - len(left)))
            left.append(array)
            covered = array._array.ndim if array._array.dtype.kind == "b" else 1
            left.extend([...] * (covered - 1))
            dim += covered
    return view, tuple([i for i in left if i is not ...])


def _wide(view: Tensor, dim: int, index: Tensor) -> tuple[Tensor, Tensor]:
    """A bool without dims becomes the index 0, or none at all, of a new dim of size 1, as in torch."""
    if index._array.dtype.kind not in "iub":
        raise IndexError(f"tensors used as indices are int64 or bool, found {index._array.dtype.name}")
    if index._array.ndim or index._array.dtype.kind != "b":
        return view, index
    return unary(UNSQUEEZE, view, dim), Tensor._wrap(np.zeros(int(index._array), np.int64))


def _dims_used(item: Any, array: Tensor | None) -> int:
    if item is None or item is Ellipsis:
        return 0
    return array._array.ndim if array is not None and array._array.dtype.kind == "b" else 1


def _position(item: Any) -> int:
    try:
        return whole(item)
    except TypeError:
        raise IndexError(
            f"an index is an integer, a slice, None, ..., a list or a tensor, found {type(item).__name__}"
        ) from None


def check_indices(view: Tensor, left: tuple[Any, ...]) -> None:
    """Raises IndexError where the tensors of indices do not fit the view, or each other."""
    dim = 0
    shape = view._array.shape
    shapes: list[tuple[int, ...]] = []
    for index in left:
        if index is None:
            dim += 1
            continue
        array = index._array
        if array.dtype.kind == "b":
            if array.shape != shape[dim : dim + array.ndim]:
                raise IndexError(f"a mask of shape {array.shape} does not fit the shape {shape} at dim {dim}")
            dim += array.ndim
            shapes.append((int(np.count_nonzero(array)),))
            continue
        if dim >= len(shape):
            raise IndexError(f"too many indices for a tensor of {len(shape)} dims: {complaints.called(view)}")
        if array.size and not (-shape[dim] <= array.min() and array.max() < shape[dim]):
            raise IndexError(f"an index is out of range for dim {dim} of size {shape[dim]}")
        shapes.append(array.shape)
        dim += 1
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        raise IndexError(f"the shapes of the indices {shapes} do not fit together") from None


@torch_name()
@tensor_method()
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """The slice at one index of a dim, without that dim."""
    dims = input._array.ndim
    if dims == 0:
        raise IndexError("a tensor without dims cannot be indexed; .item() gives its number")
    size = input._array.shape[one_dim(dim, dims)]
    if not -size <= index < size:
        raise IndexError(f"index {index} is out of range for dim {dim} of size {size} of {complaints.called(input)}")
    return unary(SELECT, input, dim, index)


@torch_name()
@tensor_method()
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """`length` slices of a dim, from `start` on."""
    if input._array.ndim == 0:
        raise RuntimeError("narrow takes a tensor of at least 1 dim")
    size = input._array.shape[one_dim(dim, input._array.ndim)]
    first = whole(start)
    if length < 0:
        raise RuntimeError(f"narrow: the length is not negative, found {length}")
    if not -size <= first <= size:
        raise IndexError(f"narrow: the start {first} is out of range for the size {size} of dim {dim}")
    first += size if first < 0 else 0
    if first + length > size:
        raise RuntimeError(f"narrow: {length} from {first} on is not within the size {size} of dim {dim}")
    return unary(SLICE, input, checked_dim(dim, input._array.ndim), first, first + length, 1)


@tensor_method()
@one_step
def __getitem__(self: Tensor, index: Any) -> Tensor:
    view, left = viewed(self, index, isinstance(index, tuple))
    if left:
        check_indices(view, left)
        return apply(INDEX, view, left)
    return unary(ALIAS, view) if view is self else view
