"""Choosing between elements: where, maximum, minimum."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply, binary
from gradb.autograd.op import Grad, Op
from gradb.autograd.promotion import numbers_as_arrays, promoted, result_type
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.registry import tensor_method, torch_name


def _where(self: Any, other: Any, condition: Any) -> Any:
    return np.where(condition, *numbers_as_arrays([self, other]))


WHERE = Op(
    "WhereBackward0",
    _where,
    name="where",
    symbol="self where condition, else other",
    self=Grad("∂L/∂out where condition, else 0", lambda grad, condition: lib.where(condition, grad, 0.0)),
    other=Grad("0 where condition, else ∂L/∂out", lambda grad, condition: lib.where(condition, 0.0, grad)),
)


def _share(grad: Any, mine: Any, others: Any) -> Any:
    """Of two equal numbers each gets half of the gradient."""
    return lib.where(lib.plain(mine) == lib.plain(others), grad / 2, grad)


MAXIMUM = Op(
    "MaximumBackward0",
    lambda self, other: np.maximum(self, other),
    name="maximum",
    symbol="max(self, other)",
    elementwise=True,
    self=Grad(
        "∂L/∂out where self is larger (half where equal)",
        lambda grad, self, other: lib.where(lib.plain(self) < lib.plain(other), 0.0, _share(grad, self, other)),
    ),
    other=Grad(
        "∂L/∂out where other is larger (half where equal)",
        lambda grad, self, other: lib.where(lib.plain(self) > lib.plain(other), 0.0, _share(grad, self, other)),
    ),
)
MINIMUM = Op(
    "MinimumBackward0",
    lambda self, other: np.minimum(self, other),
    name="minimum",
    symbol="min(self, other)",
    elementwise=True,
    self=Grad(
        "∂L/∂out where self is smaller (half where equal)",
        lambda grad, self, other: lib.where(lib.plain(self) > lib.plain(other), 0.0, _share(grad, self, other)),
    ),
    other=Grad(
        "∂L/∂out where other is smaller (half where equal)",
        lambda grad, self, other: lib.where(lib.plain(self) < lib.plain(other), 0.0, _share(grad, self, other)),
    ),
)


@torch_name()
def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """input where the condition holds, else other; with the condition alone, the indices where it holds."""
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    if not isinstance(condition, Tensor) or condition._array.dtype.kind != "b":
        raise RuntimeError("where takes a bool tensor as its condition; make one by a comparison")
    arrays = [v._array if isinstance(v, Tensor) else v for v in (input, other)]
    dtype = result_type(*arrays)
    values: list[Any] = []
    for value in (input, other):
        if isinstance(value, Tensor):
            values.append(value)
        else:
            values.append(Tensor._wrap(np.asarray(value, dtype)))
    try:
        return apply(WHERE, *values, condition)
    except ValueError:
        shapes = [t._array.shape for t in (condition, *values)]
        raise complaints.shapes_differ("where", *shapes) from None


@tensor_method("where")
def _where_method(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """The tensor where the condition holds, else other."""
    return where(condition, self, other)


@torch_name()
@tensor_method()
def maximum(input: Tensor, other: Any) -> Tensor:
    """The larger of two, element by element."""
    return binary(MAXIMUM, input, other if isinstance(other, Tensor) else Tensor._wrap(np.asarray(*promoted(other))))


@torch_name()
@tensor_method()
def minimum(input: Tensor, other: Any) -> Tensor:
    """The smaller of two, element by element."""
    return binary(MINIMUM, input, other if isinstance(other, Tensor) else Tensor._wrap(np.asarray(*promoted(other))))
