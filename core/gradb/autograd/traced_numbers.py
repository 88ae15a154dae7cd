"""Sizes of tensors in a function that is being captured: numbers that know what they were computed from.

While `torch.jit.trace` captures, `x.shape[0]` is a `TracedInt`: the captured graph asks the tensor that it gets for its
size. Arithmetic on it gives traced numbers too; what Python decides by it, or makes of it, stays as it was captured.
"""

import operator
import sys
from collections.abc import Callable
from typing import Any

from gradb.autograd.mode import mode
from gradb.autograd.tensor import Tensor

_BITS = 64  # of a whole number, as torch has it in a captured graph
_ENGINE = ("/gradb/ops/", "/gradb/autograd/", "/gradb/nn/", "/gradb/jit/", "/gradb/utils/", "/gradb/scenario/program/")


class Traced:
    """`function(*operands)` gives the number anew; the operands are tensors, numbers and traced numbers."""

    function: Callable[..., Any]
    operands: tuple[Any, ...]


class TracedInt(int, Traced):
    """An integer from the sizes of tensors."""

    __hash__ = int.__hash__

    def __int__(self) -> int:
        _left("a Python integer")
        return int.__add__(self, 0)

    def __index__(self) -> int:
        _left("a Python index")
        return int.__add__(self, 0)


class TracedFloat(float, Traced):
    """A float from the sizes of tensors."""

    __hash__ = float.__hash__


def traced(function: Callable[..., Any], *operands: Any) -> Any:
    """The number that a function gives, and how to get it anew."""
    value = function(*[plain(operand) for operand in operands])
    number = TracedInt(value) if type(value) is int else TracedFloat(value)
    number.function, number.operands = function, operands
    return number


def plain(value: Any) -> Any:
    """A traced number as a plain one, and anything else as it is."""
    if isinstance(value, TracedInt):
        return int.__add__(value, 0)
    return float.__add__(value, 0.0) if isinstance(value, TracedFloat) else value


def size_of(tensor: Tensor, dim: int) -> int:
    """The size of a dim."""
    return tensor._array.shape[dim]


def count_of(tensor: Tensor) -> int:
    """How many elements a tensor has."""
    return int(tensor._array.size)


def sizes_of(tensor: Tensor) -> list[Any]:
    """The size of each dim, traced while a function is captured."""
    if mode.tracer is None:
        return list(tensor._array.shape)
    return [traced(size_of, tensor, dim) for dim in range(tensor._array.ndim)]


def _left(what: str) -> None:
    if mode.tracer is not None:
        mode.tracer.left_for_python(what)


def _bounded(name: str) -> Callable[[Any, Any], Any]:
    """The operator, for numbers that another size makes larger than any size can be."""
    function: Callable[[Any, Any], Any] = getattr(operator, name)

    def compute(one: Any, other: Any) -> Any:
        if name == "pow" and isinstance(one, int) and isinstance(other, int) and abs(one) > 1:
            _check(other > 0 and (one.bit_length() - 1) * other > _BITS)
        value = function(one, other)
        _check(isinstance(value, int) and value.bit_length() > _BITS)
        return value

    return compute


def _check(too_large: bool) -> None:
    if too_large:
        raise RuntimeError(f"a number that is computed from sizes of tensors needs more than {_BITS} bits")


def _arithmetic(name: str) -> Callable[[Any, Any], Any]:
    function = _bounded(name)

    def compute(self: Any, other: Any) -> Any:
        return traced(function, self, other) if isinstance(other, int | float) else NotImplemented

    return compute


def _reflected(name: str) -> Callable[[Any, Any], Any]:
    function = _bounded(name)

    def compute(self: Any, other: Any) -> Any:
        return traced(function, other, self) if isinstance(other, int | float) else NotImplemented

    return compute


def _comparison(name: str) -> Callable[[Any, Any], Any]:
    function: Callable[[Any, Any], Any] = getattr(operator, name)

    def compare(self: Any, other: Any) -> Any:
        asking = sys._getframe(1).f_code.co_filename
        if not any(folder in asking for folder in _ENGINE):
            _left("a Python boolean")  # the engine's own checks decide nothing for the program
        return function(plain(self), plain(other))

    return compare


for _kind in (TracedInt, TracedFloat):
    for _name in ("add", "sub", "mul", "floordiv", "truediv", "mod", "pow"):
        setattr(_kind, f"__{_name}__", _arithmetic(_name))
        setattr(_kind, f"__r{_name}__", _reflected(_name))
    for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
        setattr(_kind, f"__{_name}__", _comparison(_name))
    setattr(_kind, "__neg__", lambda self: traced(operator.neg, self))  # noqa: B010 (as the others)
