"""The same elements in the same order, in another shape: view, reshape, flatten, unsqueeze, squeeze; clone."""

import math
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import checked_dim, dims_of, one_dim, sizes
from gradb.ops.registry import tensor_method, torch_name

_BACK_TO_SHAPE = Grad("reshape(∂L/∂out)", lambda grad, self_sym_sizes: lib.reshape(grad, self_sym_sizes))

VIEW = Op(
    "ViewBackward0", lambda self, size: self.reshape(size), name="view", symbol="reshape(self)", view=True,
    self=_BACK_TO_SHAPE,
)  # fmt: skip
RESHAPE_ALIAS = Op(
    "ReshapeAliasBackward0", lambda self, size: self.reshape(size), name="reshape", symbol="reshape(self)", view=True,
    self=_BACK_TO_SHAPE,
)  # fmt: skip
UNSAFE_VIEW = Op(
    "UnsafeViewBackward0", lambda self, size: self.reshape(size), name="_unsafe_view", symbol="reshape(self)",
    self=_BACK_TO_SHAPE,
)  # fmt: skip
UNSQUEEZE = Op(
    "UnsqueezeBackward0",
    lambda self, dim: np.expand_dims(self, dim),
    name="unsqueeze",
    symbol="unsqueeze(self)",
    view=True,
    self=Grad("squeeze(∂L/∂out)", lambda grad, dim: lib.squeeze(grad, dim)),
)
SQUEEZE = Op(
    "SqueezeBackward0", lambda self: self.squeeze(), name="squeeze", symbol="squeeze(self)", view=True,
    self=_BACK_TO_SHAPE,
)  # fmt: skip


def _squeeze_dims(self: Any, dim: Any) -> Any:
    wanted = [dim] if isinstance(dim, int) else dim
    return self.reshape(
        [n for d, n in enumerate(self.shape) if n != 1 or (d not in wanted and d - self.ndim not in wanted)]
    )


def _squeeze(node: str, view: bool = True) -> Op:
    return Op(
        node, _squeeze_dims, name="squeeze", symbol="squeeze(self)", view=view, self=_BACK_TO_SHAPE, shows=("dim",)
    )


SQUEEZE_DIM = _squeeze("SqueezeBackward1")
SQUEEZE_DIMS = _squeeze("SqueezeBackward2")
SQUEEZE_PRODUCT = _squeeze("SqueezeBackward4", view=False)


ALIAS = Op(
    "AliasBackward0",
    lambda self: self.view(),
    name="alias",
    symbol="self",
    view=True,
    self=Grad("∂L/∂out", lambda g: g),
)
CLONE = Op(
    "CloneBackward0", lambda self: self.copy(order="K"), name="clone", symbol="self", self=Grad("∂L/∂out", lambda g: g)
)
CONTIGUOUS = Op(
    "CloneBackward0",
    lambda self: self.copy(order="C"),
    name="contiguous",
    symbol="self",
    self=Grad("∂L/∂out", lambda g: g),
)


def full_shape(wanted: tuple[int, ...], count: int) -> tuple[int, ...]:
    """The shape with -1 worked out. Raises RuntimeError where it does not hold `count` elements."""
    unknown = [i for i, n in enumerate(wanted) if n == -1]
    known = math.prod([n for n in wanted if n != -1])
    if len(unknown) > 1 or any(n < -1 for n in wanted):
        raise RuntimeError(f"a shape has at most one -1 and no other negative sizes, found {wanted}")
    if unknown and known and count % known == 0:
        return tuple([count // known if n == -1 else n for n in wanted])
    if unknown or known != count:
        raise RuntimeError(f"the shape {wanted} does not hold {count} elements")
    return wanted


def can_view(array: Any, shape: tuple[int, ...]) -> bool:
    """Whether the memory can be read in this shape without a copy."""
    if array.flags.c_contiguous or array.size == 0:
        return True
    return np.shares_memory(array, array.reshape(shape)) if array.size else True


@tensor_method()
@one_step
def view(self: Tensor, *shape: Any) -> Tensor:
    """The same memory in another shape. Raises RuntimeError where that needs a copy (use reshape)."""
    from gradb.ops.dtypes import dtype

    if len(shape) == 1 and isinstance(shape[0], dtype):
        raise NotImplementedError("view(dtype) is not supported; .to(dtype) converts")
    wanted = full_shape(sizes(shape), self._array.size)
    if not can_view(self._array, wanted):
        raise RuntimeError(
            f"{complaints.called(self)} is not contiguous and cannot be viewed as {wanted}: use .reshape(...) instead"
        )
    return unary(VIEW, self, wanted)


@torch_name()
@tensor_method()
@one_step
def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape: a view where possible, else a copy."""
    wanted = full_shape(sizes(shape), input._array.size)
    if can_view(input._array, wanted):
        return unary(VIEW if input._array.flags.c_contiguous else RESHAPE_ALIAS, input, wanted)
    return unary(UNSAFE_VIEW, unary(CONTIGUOUS, input), wanted)


@tensor_method()
@one_step
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """A view in the shape of another tensor."""
    return view(self, other._array.shape)


@tensor_method()
@one_step
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """The elements in the shape of another tensor."""
    return reshape(self, other._array.shape)


@torch_name()
@tensor_method()
@one_step
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The dims from start to end as one."""
    shape = input._array.shape
    start, end = one_dim(start_dim, len(shape)), one_dim(end_dim, len(shape))
    if start > end:
        raise RuntimeError(f"flatten wants start_dim at or before end_dim, found {start_dim} and {end_dim}")
    if not shape:
        return reshape(input, 1)
    if start == end:
        return input
    return reshape(input, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))


@torch_name()
@tensor_method()
def ravel(input: Tensor) -> Tensor:
    """All elements in one dim."""
    return reshape(input, -1)


@tensor_method()
@torch_name()
@one_step
def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """One dim as several."""
    shape = input._array.shape
    at = one_dim(dim, len(shape))
    return view(input, (*shape[:at], *full_shape(tuple(sizes), shape[at]), *shape[at + 1 :]))


@torch_name()
@tensor_method()
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """One more dim, of size 1."""
    return unary(UNSQUEEZE, input, checked_dim(dim, input._array.ndim + 1))


@torch_name()
@tensor_method()
def squeeze(input: Tensor, dim: Any = None) -> Tensor:
    """Without the dims of size 1, or without the given ones where they have size 1."""
    if dim is None:
        return unary(SQUEEZE, input)
    dims = dims_of(dim, input._array.ndim)
    return unary(SQUEEZE_DIM, input, dims[0]) if isinstance(dim, int) else unary(SQUEEZE_DIMS, input, dims)


@torch_name()
@tensor_method()
def clone(input: Tensor) -> Tensor:
    """A copy in memory of its own; gradients flow through."""
    return unary(CLONE, input)


@tensor_method()
def contiguous(self: Tensor) -> Tensor:
    """The tensor itself where its memory is in order, else a copy."""
    return self if self._array.flags.c_contiguous else unary(CONTIGUOUS, self)


@tensor_method()
def is_contiguous(self: Tensor) -> bool:
    """Whether the elements lie in memory in order."""
    return bool(self._array.flags.c_contiguous)
