"""Operators that cannot grow without bound: `OPERATORS` and `IN_PLACE`, by their names in the syntax tree.

Python cannot interrupt `10 ** 10 ** 10` or `"a" * 10 ** 10`, so the size of the result is looked at first. Operators on
tensors and floats are passed on as they are.
"""

import operator
from collections.abc import Callable
from typing import Any

from gradb.scenario.program.formatting import check_percent
from gradb.scenario.program.limits import MAX_BITS, MAX_LENGTH, check_bits, too_large, too_long


class _Kinds(dict[type, str]):
    """Of each type: "i" for whole numbers, "s" for what has a length and can be repeated, "" for everything else."""

    def __missing__(self, kind: type) -> str:
        self[kind] = "i" if issubclass(kind, int) else "s" if issubclass(kind, str | list | tuple) else ""
        return self[kind]


_KINDS = _Kinds()


def _check_add(a: Any, b: Any) -> None:
    if _KINDS[type(a)] == "s" and hasattr(b, "__len__") and len(a) + len(b) > MAX_LENGTH:
        raise too_long(len(a) + len(b))


def _check_multiply(a: Any, b: Any) -> None:
    kinds = _KINDS[type(a)] + _KINDS[type(b)]
    if kinds == "ii":
        if a.bit_length() + b.bit_length() > MAX_BITS:
            raise too_large()
    elif kinds in ("is", "si"):
        length = len(b) * a if kinds == "is" else len(a) * b
        if length > MAX_LENGTH:
            raise too_long(length)


def _check_power(a: Any, b: Any) -> None:
    if _KINDS[type(a)] == "i" and _KINDS[type(b)] == "i" and b > 0 and a.bit_length() * b > MAX_BITS and abs(a) > 1:
        raise too_large()


def _check_shift(a: Any, b: Any) -> None:
    if _KINDS[type(a)] == "i" and _KINDS[type(b)] == "i" and a.bit_length() + b > MAX_BITS:
        raise too_large()


def _check_remainder(a: Any, b: Any) -> None:
    if isinstance(a, str):
        check_percent(a, b)
    else:
        check_bits(a)


def _bounded(check: Callable[[Any, Any], None], compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The operator with its check before it. The check is left out where both operands are tensors or floats."""
    kinds = _KINDS

    def bounded(a: Any, b: Any) -> Any:
        if kinds[type(a)] or kinds[type(b)]:
            check(a, b)
        return compute(a, b)

    return bounded


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": _bounded(_check_add, operator.add),
    "Mult": _bounded(_check_multiply, operator.mul),
    "Pow": _bounded(_check_power, operator.pow),
    "LShift": _bounded(_check_shift, operator.lshift),
    "Mod": _bounded(_check_remainder, operator.mod),
    "FloorDiv": _bounded(_check_remainder, operator.floordiv),
}


def _add_in_place(a: Any, b: Any) -> Any:
    if type(a) is list:
        b = list(b)  # an iterator over the list itself would never end
        if len(a) + len(b) > MAX_LENGTH:
            raise too_long(len(a) + len(b))
    elif _KINDS[type(a)]:
        _check_add(a, b)
    a += b
    return a


IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "Add": _add_in_place,
    "Mult": _bounded(_check_multiply, operator.imul),
    "Pow": _bounded(_check_power, operator.ipow),
    "LShift": _bounded(_check_shift, operator.ilshift),
    "Mod": _bounded(_check_remainder, operator.imod),
    "FloorDiv": _bounded(_check_remainder, operator.ifloordiv),
}
