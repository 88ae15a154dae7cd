"""Elements that a mask of bools chooses: masked_fill, masked_select."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.gathering import taken
from gradb.ops.registry import tensor_method, torch_name


def _filled(self: Any, value: Any, mask: Any) -> Any:
    return np.asarray(np.where(mask, np.asarray(value, self.dtype), self), order="C")


_NOT_MASKED = Grad("0 where mask, else ∂L/∂out", lambda grad, mask: lib.where(mask, 0.0, grad))
MASKED_FILL = Op(
    "MaskedFillBackward0",
    lambda self, mask, value: _filled(self, value, mask),
    name="masked_fill",
    symbol="value where mask, else self",
    self=_NOT_MASKED,
)
MASKED_FILL_TENSOR = Op(
    "MaskedFillBackward1",
    _filled,
    name="masked_fill",
    symbol="value where mask, else self",
    self=_NOT_MASKED,
    value=Grad("Σ ∂L/∂out where mask", lambda grad, mask: lib.sum_dims(lib.where(mask, grad, 0.0), None)),
)


def _selected(grad: Any, shape: tuple[int, ...], mask: Any) -> Any:
    """The gradient of masked_select, which broadcasts both of its operands."""
    where = lib.plain(mask)
    whole = np.broadcast_shapes(shape, where.shape)
    cells = np.flatnonzero(np.broadcast_to(where, whole))
    return taken(grad, whole, cells)


def _masked_select(self: Any, mask: Any) -> Any:
    whole = np.broadcast_shapes(self.shape, mask.shape)
    return np.broadcast_to(self, whole)[np.broadcast_to(mask, whole)]


MASKED_SELECT = Op(
    "MaskedSelectBackward0",
    _masked_select,
    name="masked_select",
    symbol="self where mask, in one row",
    self=Grad("∂L/∂out where mask, else 0", lambda grad, self, mask: _selected(grad, tuple(self.shape), mask)),
)


def _check_mask(op: str, input: Tensor, mask: Any) -> None:
    """Raises unless the mask is a tensor of bools that fits the input."""
    if not isinstance(mask, Tensor):
        raise TypeError(f"{op} takes a tensor as mask, found {type(mask).__name__}")
    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"{op} takes a mask of bools, found {mask._array.dtype.name}")
    try:
        np.broadcast_shapes(input._array.shape, mask._array.shape)
    except ValueError:
        raise complaints.shapes_differ(op, input._array.shape, mask._array.shape) from None


def _fill(run: Any, input: Tensor, mask: Tensor, value: Any) -> Tensor:
    _check_mask("masked_fill", input, mask)
    if not isinstance(value, Tensor):
        return run(MASKED_FILL, input, mask, value)
    if value._array.ndim:
        raise RuntimeError(f"masked_fill takes a number or a tensor without dims, found {complaints.called(value)}")
    return run(MASKED_FILL_TENSOR, input, value, mask)


@torch_name()
@tensor_method()
def masked_fill(input: Tensor, mask: Tensor, value: Any) -> Tensor:
    """value where the mask is true, else the input."""
    return _fill(apply, input, mask, value)


@tensor_method()
def masked_fill_(self: Tensor, mask: Tensor, value: Any) -> Tensor:
    """Writes value where the mask is true."""
    return _fill(write_through, self, mask, value)


@torch_name()
@tensor_method()
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask is true, in one row."""
    _check_mask("masked_select", input, mask)
    return apply(MASKED_SELECT, input, mask)
