"""Operators that cannot grow without bound: `OPERATORS` and `IN_PLACE`, by their names in the syntax tree.

Python cannot interrupt `10 ** 10 ** 10` or `"a" * 10 ** 10`, so the size of the result is looked at first. Operators on
tensors and floats are passed on as they are.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from gradb.scenario.program.formatting import check_percent
from gradb.scenario.program.limits import MAX_BITS, MAX_LENGTH, check_bits, too_large, too_long
from gradb.scenario.program.numeric import check_numeric, check_product
from gradb.scenario.program.weight import VIEWS, keys_weighed


class _Kinds(dict[type, str]):
    """Of each type: "i" for whole numbers, "s" for what has a length and can be repeated, "d" for dictionaries, "v" for
    their views, "n" for numpy's arrays and numbers, "" for everything else."""

    def __missing__(self, kind: type) -> str:
        kinds = ((int, "i"), ((str, list, tuple), "s"), (dict, "d"), (VIEWS, "v"), ((np.ndarray, np.generic), "n"))
        self[kind] = next((letter for types, letter in kinds if issubclass(kind, types)), "")
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


def _check_union(a: Any, b: Any) -> None:
    if _KINDS[type(a)] == "d" and not isinstance(b, dict):
        raise TypeError(f"a dict takes another dict here, not {type(b).__name__!r}")  # else it would hash what b holds


def _unchecked(_a: Any, _b: Any) -> None:
    """Nothing to look at: the result is no larger than the operands."""


def _bounded(compute: Callable[[Any, Any], Any], check: Callable[[Any, Any], None]) -> Callable[[Any, Any], Any]:
    """The operator with its check before it. The check is left out where both operands are tensors or floats."""
    kinds = _KINDS

    def bounded(a: Any, b: Any) -> Any:
        left, right = kinds[type(a)], kinds[type(b)]
        if left or right:
            check(a, b)
            if left == "v" or right == "v":
                return compute(set(keys_weighed(a)), set(keys_weighed(b)))  # a view hashes what the other has
            if left == "n" or right == "n":
                return check_numeric(compute(a, b))
        return compute(a, b)

    return bounded


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Add": _bounded(operator.add, _check_add),
    "Sub": _bounded(operator.sub, _unchecked),
    "Mult": _bounded(operator.mul, _check_multiply),
    "Div": _bounded(operator.truediv, _unchecked),
    "MatMult": _bounded(operator.matmul, check_product),
    "Pow": _bounded(operator.pow, _check_power),
    "LShift": _bounded(operator.lshift, _check_shift),
    "RShift": _bounded(operator.rshift, _unchecked),
    "Mod": _bounded(operator.mod, _check_remainder),
    "FloorDiv": _bounded(operator.floordiv, _check_remainder),
    "BitAnd": _bounded(operator.and_, _unchecked),
    "BitOr": _bounded(operator.or_, _unchecked),
    "BitXor": _bounded(operator.xor, _unchecked),
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
    "Sub": _bounded(operator.isub, _unchecked),
    "Mult": _bounded(operator.imul, _check_multiply),
    "Div": _bounded(operator.itruediv, _unchecked),
    "MatMult": _bounded(operator.imatmul, check_product),
    "Pow": _bounded(operator.ipow, _check_power),
    "LShift": _bounded(operator.ilshift, _check_shift),
    "RShift": _bounded(operator.irshift, _unchecked),
    "Mod": _bounded(operator.imod, _check_remainder),
    "FloorDiv": _bounded(operator.ifloordiv, _check_remainder),
    "BitAnd": _bounded(operator.iand, _unchecked),
    "BitOr": _bounded(operator.ior, _check_union),
    "BitXor": _bounded(operator.ixor, _unchecked),
}
