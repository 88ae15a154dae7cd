"""Writing a whole tensor: zero_, fill_, copy_."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.registry import tensor_method

ZERO = Op(
    "ZeroBackward0",
    lambda self: np.zeros(self.shape, self.dtype),
    name="zero",
    symbol="0",
    self=Grad("0", lib.zeros_like),
)
FILL = Op(
    "FillBackward2",
    lambda self, value: np.full_like(self, value),
    name="fill",
    symbol="value",
    self=Grad("0", lib.zeros_like),
)
FILL_TENSOR = Op(
    "FillBackward3",
    lambda self, value: np.full_like(self, value),
    name="fill",
    symbol="value",
    self=Grad("0", lib.zeros_like),
    value=Grad("Σ ∂L/∂out", lambda grad: lib.sum_dims(grad, None)),
)
COPY = Op(
    "CopyBackwards",
    lambda self, src: np.array(np.broadcast_to(src, self.shape), self.dtype),
    name="copy",
    symbol="src",
    self=Grad("0", lib.zeros_like),
    src=Grad("∂L/∂out", lambda grad: grad),
)


@tensor_method()
def zero_(self: Tensor) -> Tensor:
    """Writes 0 everywhere."""
    return write_through(ZERO, self)


@tensor_method()
def fill_(self: Tensor, value: Any) -> Tensor:
    """Writes one number everywhere."""
    if isinstance(value, Tensor):
        if value._array.ndim:
            raise RuntimeError(f"fill_ takes a number or a tensor without dims, found {complaints.called(value)}")
        return write_through(FILL_TENSOR, self, value)
    return write_through(FILL, self, value)


@tensor_method()
def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Writes another tensor's content here, broadcast to this shape and converted to this dtype."""
    have, want = src._array.shape, self._array.shape
    try:
        fits = np.broadcast_shapes(have, want) == want
    except ValueError:
        fits = False
    if not fits:
        raise complaints.shapes_differ("copy_", want, have)
    return write_through(COPY, self, src)
