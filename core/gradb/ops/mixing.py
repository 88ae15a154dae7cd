"""Mixtures of tensors, element by element: lerp, addcmul, addcdiv, copysign, fmax, fmin, heaviside."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply, binary
from gradb.autograd.inplace import write_through
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.registry import tensor_method, torch_name


def _lerp(self: Any, end: Any, weight: Any) -> Any:
    """From the nearer end, as torch: exact at both ends."""
    not_for("biu", "lerp", self, end)
    difference = end - self
    weight = np.asarray(weight, self.dtype)
    return np.where(np.abs(weight) < 0.5, self + weight * difference, end - difference * (1 - weight))


LERP = Op(
    "LerpBackward0",
    _lerp,
    name="lerp",
    symbol="self + weight · (end - self)",
    inputs=2,
    elementwise=True,
    self=Grad("∂L/∂out · (1 - weight)", lambda grad, weight: grad * (1 - weight)),
    end=Grad("∂L/∂out · weight", lambda grad, weight: grad * weight),
)
LERP_TENSOR = Op(
    "LerpBackward1",
    _lerp,
    name="lerp",
    symbol="self + weight · (end - self)",
    elementwise=True,
    self=Grad("∂L/∂out · (1 - weight)", lambda grad, weight: grad * (1 - weight)),
    end=Grad("∂L/∂out · weight", lambda grad, weight: grad * weight),
    weight=Grad("∂L/∂out · (end - self)", lambda grad, self, end: grad * (end - self)),
)


def _added_product(self: Any, tensor1: Any, tensor2: Any, value: Any) -> Any:
    not_for("b", "addcmul", self)
    return self + (tensor1 * tensor2 if value == 1 else tensor1 * tensor2 * value)


ADDCMUL = Op(
    "AddcmulBackward0",
    lambda self, tensor1, tensor2, value: _added_product(self, tensor1, tensor2, value),
    name="addcmul",
    symbol="self + value · tensor1 · tensor2",
    elementwise=True,
    self=Grad("∂L/∂out", lambda grad: grad),
    tensor1=Grad("∂L/∂out · tensor2 · value", lambda grad, tensor2, value: grad * (tensor2 * value)),
    tensor2=Grad("∂L/∂out · tensor1 · value", lambda grad, tensor1, value: grad * (tensor1 * value)),
)
ADDCDIV = Op(
    "AddcdivBackward0",
    lambda self, tensor1, tensor2, value: self + (tensor1 if value == 1 else tensor1 * value) / tensor2,
    name="addcdiv",
    symbol="self + value · tensor1 / tensor2",
    elementwise=True,
    self=Grad("∂L/∂out", lambda grad: grad),
    tensor1=Grad("∂L/∂out · value / tensor2", lambda grad, tensor2, value: grad * (value / tensor2)),
    tensor2=Grad(
        "-∂L/∂out · value · tensor1 / tensor2²",
        lambda grad, tensor1, tensor2, value: -grad * ((tensor1 * value) / (tensor2 * tensor2)),
    ),
)


def _want_one_dtype(op: str, *tensors: Tensor) -> None:
    for tensor in tensors[1:]:
        if tensor._array.dtype != tensors[0]._array.dtype:
            raise complaints.dtypes_differ(op, tensors[0]._array.dtype, tensor._array.dtype)


def _lerped(run: Any, number: Op, input: Tensor, end: Tensor, weight: Any) -> Tensor:
    if isinstance(weight, Tensor):
        _want_one_dtype("lerp", input, end, weight)
        return run(LERP_TENSOR, input, end, weight)
    _want_one_dtype("lerp", input, end)
    return run(number, input, end, weight)


@torch_name()
@tensor_method()
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """The way from input to end: weight 0 is the input, 1 is the end; a number or a tensor."""
    return _lerped(apply, LERP, input, end, weight)


@tensor_method()
def lerp_(self: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Moves towards end in place."""
    return _lerped(write_through, LERP, self, end, weight)


@torch_name()
@tensor_method()
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """input + value · tensor1 · tensor2."""
    return apply(ADDCMUL, input, tensor1, tensor2, value)


@tensor_method()
def addcmul_(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """Adds value · tensor1 · tensor2 in place."""
    return write_through(ADDCMUL, self, tensor1, tensor2, value)


def _want_floats(*tensors: Tensor) -> None:
    if all(t._array.dtype.kind != "f" for t in tensors[1:]):
        raise RuntimeError("addcdiv does not divide whole numbers: convert the tensors with .float() first")


@torch_name()
@tensor_method()
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """input + value · tensor1 / tensor2."""
    _want_floats(input, tensor1, tensor2)
    return apply(ADDCDIV, input, tensor1, tensor2, value)


@tensor_method()
def addcdiv_(self: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: Any = 1) -> Tensor:
    """Adds value · tensor1 / tensor2 in place."""
    _want_floats(self, tensor1, tensor2)
    return write_through(ADDCDIV, self, tensor1, tensor2, value)


def _preferred(node: str, name: str, ufunc: Any, word: str, mine: Any) -> Any:
    """Makes fmax or fmin: like maximum, but a number wins over NaN; of equals the first gets the gradient."""
    op = Op(
        node,
        lambda self, other: ufunc(self, other),
        name=name,
        symbol=f"the {word} of self and other, not NaN",
        elementwise=True,
        self=Grad(
            f"∂L/∂out where self is the {word}",
            lambda grad, self, other: lib.where(mine(lib.plain(self), lib.plain(other)), grad, 0.0),
        ),
        other=Grad(
            f"∂L/∂out where other is the {word}",
            lambda grad, self, other: lib.where(mine(lib.plain(self), lib.plain(other)), 0.0, grad),
        ),
    )

    def function(input: Tensor, other: Any) -> Tensor:
        if not isinstance(other, Tensor):
            raise TypeError(f"{name} takes two tensors, found {type(other).__name__}")
        return binary(op, input, other)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The {word} of two, element by element; NaN only where both are."
    torch_name(name)(function)
    return tensor_method(name)(function)


fmax = _preferred("FmaxBackward0", "fmax", np.fmax, "larger", lambda x, y: (x >= y) | np.isnan(y))
fmin = _preferred("FminBackward0", "fmin", np.fmin, "smaller", lambda x, y: (x <= y) | np.isnan(y))


def _undefined(grad: Any) -> Any:
    raise RuntimeError("heaviside has no gradient, as in torch")


HEAVISIDE = Op(
    "NotImplemented",
    lambda self, values: np.where(np.isnan(self), self, np.heaviside(self, values)).astype(self.dtype),
    name="heaviside",
    symbol="0 where self < 0, values where self = 0, 1 where self > 0",
    elementwise=True,
    self=Grad("not defined", _undefined),
    values=Grad("not defined", _undefined),
)


@torch_name()
@tensor_method()
def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 below zero, 1 above, and at zero what `values` says."""
    _want_one_dtype("heaviside", input, values)
    return binary(HEAVISIDE, input, values)
