"""Joining tensors and taking them apart: cat, stack, split, chunk, unbind."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import promote
from gradb.autograd.tensor import Tensor
from gradb.ops.args import checked_dim, one_dim, tensors_in
from gradb.ops.registry import tensor_method, torch_name


def _pieces(grad: Any, dim: int, shapes: Any) -> list[Any]:
    """The parts of the gradient that belong to each of the joined tensors."""
    pieces: list[Any] = []
    start = 0
    dim %= grad.ndim
    for shape in shapes:
        if shape == (0,) and grad.ndim != 1:
            pieces.append(grad.flatten()[0:0])
            continue
        pieces.append(grad[(*[slice(None)] * dim, slice(start, start + shape[dim]))])
        start += shape[dim]
    return pieces


def one_dtype(arrays: Any) -> list[Any]:
    """All in the dtype that they promote to."""
    dtype = arrays[0].dtype
    for array in arrays[1:]:
        dtype = promote(dtype, array.dtype)
    return [array.astype(dtype, copy=False) for array in arrays]


def _cat(tensors: Any, dim: int) -> Any:
    tensors = one_dtype(tensors)
    dims = max(t.ndim for t in tensors)
    return np.asarray(np.concatenate([t for t in tensors if t.ndim == dims or t.shape != (0,)], dim), order="C")


CAT = Op(
    "CatBackward0",
    _cat,
    name="cat",
    symbol="cat(tensors)",
    variadic=True,
    tensors=Grad("its part of ∂L/∂out", lambda grad, dim, tensors_sym_sizes: _pieces(grad, dim, tensors_sym_sizes)),
)


def _unstack(grad: Any, dim: int) -> list[Any]:
    return [grad[(*[slice(None)] * (dim % grad.ndim), i)] for i in range(grad.shape[dim])]


STACK = Op(
    "StackBackward0",
    lambda tensors, dim: np.asarray(np.stack(one_dtype(tensors), dim), order="C"),
    name="stack",
    symbol="stack(tensors)",
    variadic=True,
    tensors=Grad("its slice of ∂L/∂out", _unstack),
)


def _parts(self: Any, lengths: Any, dim: int) -> tuple[Any, ...]:
    parts: list[Any] = []
    start = 0
    for length in lengths:
        parts.append(self[(*[slice(None)] * (dim % self.ndim), slice(start, start + length))])
        start += length
    return tuple(parts)


def _even(self: Any, split_size: int, dim: int) -> tuple[Any, ...]:
    total = self.shape[dim]
    if total == 0 or split_size == 0:
        return (self[...],)
    return _parts(self, [min(split_size, total - start) for start in range(0, total, split_size)], dim)


def _joined(grads: Any, dim: int) -> Any:
    if isinstance(grads[0], Tensor):
        return cat(grads, dim)
    return np.concatenate(grads, dim)


def _stacked(grads: Any, dim: int) -> Any:
    return stack(grads, dim) if isinstance(grads[0], Tensor) else np.stack(grads, dim)


_SEVERAL = ("outputs",)
SPLIT = Op(
    "SplitBackward0",
    _even,
    name="split",
    symbol="parts of self",
    view=True,
    outputs=_SEVERAL,
    self=Grad("cat(∂L/∂out)", lambda grads, dim: _joined(grads, dim)),
    shows=("self_sym_sizes", "split_size"),
)
SPLIT_SIZES = Op(
    "SplitWithSizesBackward0",
    lambda self, split_sizes, dim: _parts(self, split_sizes, dim),
    name="split",
    symbol="parts of self",
    view=True,
    outputs=_SEVERAL,
    self=Grad("cat(∂L/∂out)", lambda grads, dim: _joined(grads, dim)),
    shows=("self_sym_sizes", "split_sizes"),
)
UNBIND = Op(
    "UnbindBackward0",
    lambda self, dim: tuple([self[(*[slice(None)] * (dim % self.ndim), i)] for i in range(self.shape[dim])]),
    name="unbind",
    symbol="slices of self",
    view=True,
    outputs=_SEVERAL,
    self=Grad("stack(∂L/∂out)", lambda grads, dim: _stacked(grads, dim)),
)


@torch_name("cat", "concat", "concatenate")
def cat(tensors: Any, dim: int = 0) -> Tensor:
    """Tensors one after the other along a dim that they have."""
    several = _at_least_one(tensors, "cat")
    first = next((t for t in several if t._array.shape != (0,)), several[0])
    if any(t._array.ndim == 0 for t in several):
        raise RuntimeError("cat wants tensors of at least 1 dim; use stack for single numbers")
    along = one_dim(dim, first._array.ndim)
    for t in several:
        shape, wanted = t._array.shape, first._array.shape
        if shape != (0,) and (
            len(shape) != len(wanted) or shape[:along] + shape[along + 1 :] != wanted[:along] + wanted[along + 1 :]
        ):
            raise complaints.shapes_differ("cat", wanted, shape)
    return apply(CAT, several, dim)


@torch_name()
def stack(tensors: Any, dim: int = 0) -> Tensor:
    """Tensors of one shape along a new dim."""
    several = _at_least_one(tensors, "stack")
    for t in several[1:]:
        if t._array.shape != several[0]._array.shape:
            raise complaints.shapes_differ("stack", several[0]._array.shape, t._array.shape)
    return apply(STACK, several, checked_dim(dim, several[0]._array.ndim + 1))


def _at_least_one(tensors: Any, op: str) -> tuple[Tensor, ...]:
    found = tensors_in(tensors, op)
    if not found:
        raise (ValueError if op == "cat" else RuntimeError)(f"{op} wants at least one tensor")
    return found


@torch_name()
def hstack(tensors: Any) -> Tensor:
    """Tensors side by side."""
    several = _at_least_one(tensors, "hstack")
    return cat([t.reshape(1) if t._array.ndim == 0 else t for t in several], 0 if several[0]._array.ndim <= 1 else 1)


@torch_name("vstack", "row_stack")
def vstack(tensors: Any) -> Tensor:
    """Tensors one below the other."""
    several = _at_least_one(tensors, "vstack")
    return cat([t if t._array.ndim > 1 else t.unsqueeze(0) if t._array.ndim else t.reshape(1, 1) for t in several], 0)


@torch_name()
@tensor_method("split")
def split(tensor: Tensor, split_size_or_sections: Any = None, dim: int = 0, *, split_size: Any = None) -> Any:
    """Views of parts: of one size each (the last may be smaller), or of the given sizes."""
    sizes = split_size if split_size_or_sections is None else split_size_or_sections
    along = one_dim(dim, tensor._array.ndim)
    if tensor._array.ndim == 0:
        raise RuntimeError("split takes a tensor of at least 1 dim")
    if isinstance(sizes, int):
        if sizes < 0 or (sizes == 0 and tensor._array.shape[along]):
            raise RuntimeError(f"split wants a positive size, found {sizes}")
        return apply(SPLIT, tensor, sizes, dim)
    if any(size < 0 for size in sizes):
        raise RuntimeError(f"split wants sizes that are not negative, found {tuple(sizes)}")
    if sum(sizes) != tensor._array.shape[along]:
        raise RuntimeError(f"the sizes {tuple(sizes)} do not sum to {tensor._array.shape[along]}")
    return apply(SPLIT_SIZES, tensor, tuple(sizes), dim)


@torch_name()
@tensor_method()
def chunk(input: Tensor, chunks: int, dim: int = 0) -> Any:
    """Views of `chunks` parts of one size (the last may be smaller)."""
    if chunks <= 0:
        raise RuntimeError(f"chunk wants a positive number of chunks, found {chunks}")
    along = one_dim(dim, input._array.ndim)
    size = input._array.shape[along] if input._array.ndim else 1
    return split(input, -(-size // chunks) if size else [0] * chunks, dim)


@torch_name()
@tensor_method()
def unbind(input: Tensor, dim: int = 0) -> Any:
    """Views of the slices along a dim."""
    size = input._array.shape[one_dim(dim, input._array.ndim)] if input._array.ndim else 0
    if input._array.ndim == 0:
        raise IndexError("unbind takes a tensor of at least 1 dim")
    return apply(UNBIND, input, dim) if size else ()


@tensor_method()
def __iter__(self: Tensor) -> Any:
    if self._array.ndim == 0:
        raise TypeError("a tensor without dims cannot be iterated over; .item() gives its number")
    return iter(unbind(self, 0))
