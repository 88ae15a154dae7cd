"""Dims in another order: t, T, mT, transpose, permute, movedim."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import checked_dims, one_dim, sizes
from gradb.ops.registry import tensor_method, tensor_property, torch_name
from gradb.ops.shape import ALIAS

T = Op("TBackward0", lambda self: self.T, name="t", symbol="selfᵀ", view=True, self=Grad("(∂L/∂out)ᵀ", lambda g: g.T))
TRANSPOSE = Op(
    "TransposeBackward0",
    lambda self, dim0, dim1: np.swapaxes(self, dim0, dim1),
    name="transpose",
    symbol="transpose(self)",
    view=True,
    self=Grad("transpose(∂L/∂out)", lambda grad, dim0, dim1: lib.swap(grad, dim0, dim1)),
)


def _inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(dims)), key=[d % len(dims) for d in dims].__getitem__))


PERMUTE = Op(
    "PermuteBackward0",
    lambda self, dims: np.transpose(self, dims),
    name="permute",
    symbol="permute(self)",
    view=True,
    self=Grad("permute(∂L/∂out)", lambda grad, dims: lib.permute(grad, _inverse(dims))),
)


@torch_name()
@tensor_method()
def t(input: Tensor) -> Tensor:
    """The transpose of a matrix. Raises RuntimeError for more than two dims."""
    if input._array.ndim > 2:
        raise RuntimeError(f"t() takes a tensor of at most 2 dims, found {input._array.ndim}; use transpose or permute")
    return unary(T, input)


@tensor_property("T")
def reversed_dims(self: Tensor) -> Tensor:
    """The dims in reverse order."""
    if self._array.ndim != 2:
        complaints.warn("T is meant for tensors of 2 dims: use .mT, or permute, for others")
    return unary(PERMUTE, self, tuple(reversed(range(self._array.ndim))))


@tensor_property("mT")
def matrix_transpose(self: Tensor) -> Tensor:
    """The last two dims in each other's place."""
    if self._array.ndim < 2:
        raise RuntimeError(f"mT takes a tensor of at least 2 dims, found {self._array.ndim}")
    return unary(TRANSPOSE, self, -2, -1)


@torch_name("transpose", "swapaxes", "swapdims")
@tensor_method("transpose", "swapaxes", "swapdims")
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two dims in each other's place."""
    dims = input._array.ndim
    for dim in (dim0, dim1):
        one_dim(dim, dims)
    return unary(TRANSPOSE, input, dim0, dim1) if dims else unary(ALIAS, input)


@torch_name()
@tensor_method()
def permute(input: Tensor, *dims: Any) -> Tensor:
    """The dims in another order."""
    order = checked_dims(sizes(dims), input._array.ndim)
    if len(order) != input._array.ndim:
        raise RuntimeError(f"permute wants each of the {input._array.ndim} dims once, found {sizes(dims)}")
    return unary(PERMUTE, input, order)


@torch_name()
@tensor_method()
def movedim(input: Tensor, source: int, destination: int) -> Tensor:
    """One dim moved to another place."""
    dims = input._array.ndim
    order = [d for d in range(dims) if d != one_dim(source, dims)]
    order.insert(one_dim(destination, dims), one_dim(source, dims))
    return unary(PERMUTE, input, tuple(order))
