"""Dims repeated without a copy, and summed back: expand, broadcast_to, sum_to_size."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import sizes
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.shape import reshape


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


@tensor_method()
@one_step
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
@one_step
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
