"""More ways to join and to take apart: dstack, column_stack, tensor_split, hsplit, vsplit, atleast_1d/2d/3d."""

import itertools
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.tensor import Tensor
from gradb.ops.args import one_dim, tensors_in
from gradb.ops.indexing import sliced
from gradb.ops.joining import cat
from gradb.ops.registry import tensor_method, torch_name


def _each(tensors: tuple[Any, ...], one: Any, op: str) -> Any:
    """`one` of a tensor, or of each tensor given."""
    if len(tensors) == 1 and isinstance(tensors[0], Tensor):
        return one(tensors[0])
    given = tensors_in(tensors[0], op) if len(tensors) == 1 else tensors_in(tensors, op)
    return tuple([one(t) for t in given])


def _one(input: Tensor) -> Tensor:
    return input.reshape(1) if input._array.ndim == 0 else input


def _two(input: Tensor) -> Tensor:
    if input._array.ndim == 0:
        return input.reshape(1, 1)
    return input.unsqueeze(0) if input._array.ndim == 1 else input


def _three(input: Tensor) -> Tensor:
    if input._array.ndim == 0:
        return input.reshape(1, 1, 1)
    if input._array.ndim == 1:
        return input.unsqueeze(0).unsqueeze(-1)
    return input.unsqueeze(-1) if input._array.ndim == 2 else input


@torch_name()
def atleast_1d(*tensors: Any) -> Any:
    """Tensors of at least 1 dim."""
    return _each(tensors, _one, "atleast_1d")


@torch_name()
def atleast_2d(*tensors: Any) -> Any:
    """Tensors of at least 2 dims; a vector becomes a row."""
    return _each(tensors, _two, "atleast_2d")


@torch_name()
def atleast_3d(*tensors: Any) -> Any:
    """Tensors of at least 3 dims."""
    return _each(tensors, _three, "atleast_3d")


def _some(tensors: Any, op: str) -> tuple[Tensor, ...]:
    found = tensors_in(tensors, op)
    if not found:
        raise RuntimeError(f"{op} wants at least one tensor")
    return found


@torch_name()
def dstack(tensors: Any) -> Tensor:
    """Tensors one behind the other, along the third dim."""
    return cat([_three(t) for t in _some(tensors, "dstack")], 2)


@torch_name()
def column_stack(tensors: Any) -> Tensor:
    """Vectors as columns side by side, and matrices too."""
    several = _some(tensors, "column_stack")
    return cat([t.reshape(t._array.size, 1) if t._array.ndim <= 1 else t for t in several], 1)


@torch_name()
@tensor_method()
def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Views of so many parts (the first ones may be larger by 1), or of the parts between indices."""
    dims = input._array.ndim
    at = one_dim(dim, dims)
    if dims == 0:
        raise RuntimeError("tensor_split takes a tensor of at least 1 dim")
    size = input._array.shape[at]
    where = indices_or_sections.tolist() if isinstance(indices_or_sections, Tensor) else indices_or_sections
    if isinstance(where, int):
        if where <= 0:
            raise RuntimeError(f"tensor_split: the number of parts is positive, found {where}")
        small, rest = divmod(size, where)
        cuts = [i * small + min(i, rest) for i in range(where + 1)]
        return tuple([sliced(input, at, slice(a, b)) for a, b in itertools.pairwise(cuts)])
    ends = [*where, size]
    return tuple([sliced(input, at, slice(a, b)) for a, b in zip([0, *where], ends, strict=True)])


def _split(op: str, input: Tensor, where: Any, dim: int, least: int) -> tuple[Tensor, ...]:
    if input._array.ndim < least:
        raise RuntimeError(f"{op} takes a tensor of at least {least} dims, found {complaints.called(input)}")
    if isinstance(where, int) and (where <= 0 or input._array.shape[dim] % where):
        raise RuntimeError(f"{op}: the size {input._array.shape[dim]} does not divide into {where} equal parts")
    return tensor_split(input, where, dim)


@torch_name()
@tensor_method()
def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Views of parts side by side."""
    return _split("hsplit", input, indices_or_sections, 0 if input._array.ndim == 1 else 1, 1)


@torch_name()
@tensor_method()
def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Views of parts one below the other."""
    return _split("vsplit", input, indices_or_sections, 0, 2)


@torch_name()
@tensor_method()
def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Views of parts one behind the other."""
    return _split("dsplit", input, indices_or_sections, 2, 3)


@torch_name()
def broadcast_tensors(*tensors: Any) -> tuple[Tensor, ...]:
    """Tensors expanded to their common shape."""
    given = (
        tensors_in(tensors[0], "broadcast_tensors") if len(tensors) == 1 else tensors_in(tensors, "broadcast_tensors")
    )
    shapes = [t._array.shape for t in given]
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        raise complaints.shapes_differ("broadcast_tensors", *shapes) from None
    return tuple([t if t._array.shape == shape else t.expand(shape) for t in given])
