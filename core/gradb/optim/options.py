"""The options that optimizers share, checked: `not_negative(...)`, `check_ways(...)`, and `number` of one."""

from typing import Any

from gradb.autograd.tensor import Tensor


def number(value: Any) -> Any:
    """An option as a Python number; a tensor of one element is a number too. ValueError for a larger tensor."""
    if not isinstance(value, Tensor):
        return value
    if value._array.size != 1:
        raise ValueError(f"an option that is a tensor has one element, found {value._array.size}")
    return value._array.item()


def not_negative(**options: Any) -> None:
    """Raises ValueError where one of the options, by name, is below 0 (or NaN)."""
    for name, value in options.items():
        if not number(value) >= 0:
            raise ValueError(f"invalid {name}: {value}; it cannot be negative")


def check_ways(foreach: bool | None, fused: bool | None, differentiable: bool) -> None:
    """torch has several ways to compute one update; here there is one, which gives the same numbers."""
    if fused and differentiable:
        raise RuntimeError("`fused` does not support `differentiable`")
    if fused and foreach:
        raise RuntimeError("`fused` and `foreach` cannot be `True` together")
    if differentiable:
        raise NotImplementedError("differentiable=True, a graph through the update itself, is not there in gradb")
