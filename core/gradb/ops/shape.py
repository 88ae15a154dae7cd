"""Other shapes of the same elements: view, reshape, t, transpose, permute, unsqueeze, squeeze, expand."""

import math
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import checked_dim, checked_dims, dims_of, one_dim, sizes
from gradb.ops.registry import tensor_method, tensor_property, torch_name

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


def _contract(grad: Any, shape: tuple[int, ...]) -> Any:
    """The gradient of expand: summed over what was repeated."""
    lead = grad.ndim - len(shape)
    axes = (*range(lead), *[lead + i for i, n in enumerate(shape) if n == 1 and grad.shape[lead + i] != 1])
    return lib.reshape(lib.sum_dims(grad, axes) if axes else grad, shape)


EXPAND = Op(
    "ExpandBackward0",
    lambda self, size: (
        np.ndarray(size, self.dtype, self, 0, np.broadcast_to(self, size).strides)
        if self.size and self.flags.c_contiguous
        else np.broadcast_to(self, size)
    ),
    name="expand",
    symbol="expand(self)",
    view=True,
    self=Grad("sum of ∂L/∂out over the repeated dims", lambda grad, self_sym_sizes: _contract(grad, self_sym_sizes)),
)
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
def reshape(input: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape: a view where possible, else a copy."""
    wanted = full_shape(sizes(shape), input._array.size)
    if can_view(input._array, wanted):
        return unary(VIEW if input._array.flags.c_contiguous else RESHAPE_ALIAS, input, wanted)
    return unary(UNSAFE_VIEW, unary(CONTIGUOUS, input), wanted)


@tensor_method()
def view_as(self: Tensor, other: Tensor) -> Tensor:
    """A view in the shape of another tensor."""
    return view(self, other._array.shape)


@tensor_method()
def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """The elements in the shape of another tensor."""
    return reshape(self, other._array.shape)


@torch_name()
@tensor_method()
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
def unflatten(input: Tensor, dim: int, sizes: Any) -> Tensor:
    """One dim as several."""
    shape = input._array.shape
    at = one_dim(dim, len(shape))
    return view(input, (*shape[:at], *full_shape(tuple(sizes), shape[at]), *shape[at + 1 :]))


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


@tensor_method()
def expand(self: Tensor, *shape: Any) -> Tensor:
    """Repeated along dims of size 1 without a copy; -1 leaves a dim as it is."""
    wanted = sizes(shape)
    have = self._array.shape
    lead = len(wanted) - len(have)
    fitted = tuple([have[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(wanted)])
    if (
        lead < 0
        or any(n != m and n != 1 for n, m in zip(have, fitted[lead:], strict=True))
        or min(fitted, default=0) < 0
    ):
        raise complaints.shapes_differ("expand", have, wanted)
    return unary(EXPAND, self, fitted)


@tensor_method()
def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """Expanded to the shape of another tensor."""
    return expand(self, other._array.shape)


@torch_name()
@tensor_method()
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """Expanded to a shape."""
    return expand(input, size)


@tensor_method()
def sum_to_size(self: Tensor, *size: Any) -> Tensor:
    """Summed down to a shape that can be broadcast to this one."""
    wanted = sizes(size)
    lead = self._array.ndim - len(wanted)
    axes = (*range(lead), *[lead + i for i, n in enumerate(wanted) if n == 1 and self._array.shape[lead + i] != 1])
    return reshape(self.sum(axes, True), wanted) if axes else self


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
