"""Gradients that are linear maps on arrays: `mapped(x, there, back)` is `there(x)`, and `back` is its transpose.

On a tensor, which a gradient is under `create_graph`, it is an op of its own, whose gradient is `back`: so pooling,
embedding and their like have gradients of any order from two array functions.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor


class LinearMap(NamedTuple):
    """A linear function on arrays, and its transpose."""

    there: Callable[[Any], Any]
    back: Callable[[Any], Any]

    def __str__(self) -> str:
        return "a linear map"  # a recording shows this, and it must be the same in every run


MAPPED = Op(
    "LinearMapBackward0",
    lambda self, map: map.there(self),
    name="linear_map",
    symbol="the linear map of self",
    self=Grad("the transposed map of ∂L/∂out", lambda grad, map: mapped(grad, map.back, map.there)),
)


def mapped(x: Any, there: Callable[[Any], Any], back: Callable[[Any], Any]) -> Any:
    """`there(x)`, on an array or a tensor; `back` is the transpose of `there`, both take and give arrays."""
    return unary(MAPPED, x, LinearMap(there, back)) if isinstance(x, Tensor) else there(x)
