"""Comparisons, logic and questions about values: ==, <, &, isnan, all, any, allclose."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import binary, unary
from gradb.autograd.op import Op
from gradb.autograd.tensor import Tensor
from gradb.ops.args import dims_of
from gradb.ops.registry import tensor_method, torch_functions, torch_name


def _operand(value: Any) -> bool:
    return isinstance(value, (Tensor, int, float, np.number, np.bool_))


def _two(
    name: str, symbol: str, forward: Any, operator: str = "", others: tuple[str, ...] = (), reflected: str = ""
) -> Any:
    """Offers an op on two operands that no gradient flows through."""
    op = Op("", forward, name=name, symbol=f"self {symbol} other", inputs=2, elementwise=True)

    def function(input: Any, other: Any) -> Tensor:
        return binary(op, input, other)

    def method(self: Tensor, other: Any) -> Any:
        return binary(op, self, other) if _operand(other) else NotImplemented

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"input {symbol} other, element by element."
    for each in (name, *others):
        torch_functions[each] = function
        tensor_method(each)(function)
    if operator:
        setattr(Tensor, operator, method)
    if reflected:
        setattr(Tensor, reflected, method)
    return function


eq = _two("eq", "=", lambda self, other: np.equal(self, other), "__eq__")
ne = _two("ne", "≠", lambda self, other: np.not_equal(self, other), "__ne__", ("not_equal",))
lt = _two("lt", "<", lambda self, other: np.less(self, other), "__lt__", ("less",))
le = _two("le", "≤", lambda self, other: np.less_equal(self, other), "__le__", ("less_equal",))
gt = _two("gt", ">", lambda self, other: np.greater(self, other), "__gt__", ("greater",))
ge = _two("ge", "≥", lambda self, other: np.greater_equal(self, other), "__ge__", ("greater_equal",))
logical_and = _two("logical_and", "and", lambda self, other: np.logical_and(self, other))
logical_or = _two("logical_or", "or", lambda self, other: np.logical_or(self, other))
logical_xor = _two("logical_xor", "xor", lambda self, other: np.logical_xor(self, other))


def _bits(forward: Any) -> Any:
    def compute(self: Any, other: Any) -> Any:
        if np.asarray(self).dtype.kind == "f" or np.asarray(other).dtype.kind == "f":
            raise NotImplementedError("bitwise ops are not defined for floats")
        return forward(self, other)

    # the op reads the names of its parameters from here
    return lambda self, other: compute(self, other)


bitwise_and = _two("bitwise_and", "&", _bits(np.bitwise_and), "__and__", reflected="__rand__")
bitwise_or = _two("bitwise_or", "|", _bits(np.bitwise_or), "__or__", reflected="__ror__")
bitwise_xor = _two("bitwise_xor", "^", _bits(np.bitwise_xor), "__xor__", reflected="__rxor__")


def _one(name: str, forward: Any) -> Any:
    op = Op("", forward, name=name, symbol=f"{name}(self)")

    def function(input: Tensor) -> Tensor:
        return unary(op, input)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{name}, element by element."
    torch_functions[name] = function
    tensor_method(name)(function)
    return function


isnan = _one("isnan", lambda self: np.isnan(self))
isinf = _one("isinf", lambda self: np.isinf(self))
isfinite = _one("isfinite", lambda self: np.isfinite(self))
logical_not = _one("logical_not", lambda self: np.logical_not(self))


def _invert(self: Any) -> Any:
    if self.dtype.kind == "f":
        raise TypeError("~ is not defined for floats; compare first")
    return np.invert(self)


bitwise_not = _one("bitwise_not", _invert)
tensor_method("__invert__")(bitwise_not)


def _judged(ufunc: Any, self: Any, dim: Any, keepdim: bool) -> Any:
    """bool, but uint8 for uint8, as in torch."""
    found = ufunc.reduce(self, dim, keepdims=keepdim)
    return found.astype(self.dtype) if self.dtype == np.uint8 else found


ALL = Op("", lambda self, dim, keepdim: _judged(np.logical_and, self, dim, keepdim), name="all", inputs=1)
ANY = Op("", lambda self, dim, keepdim: _judged(np.logical_or, self, dim, keepdim), name="any", inputs=1)


@torch_name("all")
@tensor_method("all")
def every(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether all elements are true, of all or along a dim."""
    return unary(ALL, input, None if dim is None else dims_of(dim, input._array.ndim), keepdim)


@torch_name("any")
@tensor_method("any")
def some(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Whether some element is true, of all or along a dim."""
    return unary(ANY, input, None if dim is None else dims_of(dim, input._array.ndim), keepdim)


@torch_name()
@tensor_method()
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors have one shape and the same elements."""
    return bool(np.array_equal(input._array, other._array))


def _same_dtypes(input: Tensor, other: Tensor, op: str) -> None:
    if input._array.dtype != other._array.dtype:
        raise complaints.dtypes_differ(op, input._array.dtype, other._array.dtype)


@torch_name()
@tensor_method()
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether |input - other| <= atol + rtol · |other| everywhere."""
    _same_dtypes(input, other, "allclose")
    return bool(np.allclose(input._array, other._array, rtol, atol, equal_nan))


@torch_name()
@tensor_method()
@one_step
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Where |input - other| <= atol + rtol · |other|."""
    _same_dtypes(input, other, "isclose")
    return Tensor._wrap(np.asarray(np.isclose(input._array, other._array, rtol, atol, equal_nan)))
