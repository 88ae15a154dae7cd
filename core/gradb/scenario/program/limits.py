"""Bounds on single operations that Python cannot interrupt: `add`, `multiply`, `power` ... and `weigh` for containers.

A number, text or list that would grow beyond them raises Refused through Stop; tensors and floats pass untouched.
"""

import operator
import re
from collections.abc import Callable
from typing import Any

from gradb.scenario.program.budget import Refused, Stop

MAX_BITS = 1 << 16  # of a whole number: 2 ** 65536 has 19 729 digits
MAX_LENGTH = 10_000_000  # of a text, a list, a range
MAX_WEIGHT = 1_000_000  # elements in nested containers, counted as often as a walk meets them
MAX_WIDTH = 10_000  # in a text format
MAX_FORMAT_FIELDS = 10_000

CONTAINERS = (list, tuple, dict, set, frozenset)


def refuse(what: str, allowed: str = "", fix: str = "") -> Stop:
    """The signal that ends the program; its line is added where it is caught."""
    return Stop(Refused(what, allowed=allowed, fix=fix))


class _Kinds(dict[type, str]):
    """Of each type: "i" for whole numbers, "s" for what has a length and can be repeated, "" for everything else."""

    def __missing__(self, kind: type) -> str:
        self[kind] = "i" if issubclass(kind, int) else "s" if issubclass(kind, str | list | tuple) else ""
        return self[kind]


_KINDS = _Kinds()


def _too_long(length: int) -> Stop:
    return refuse(f"a text or list of {length:,} elements would come to be", f"{MAX_LENGTH:,} elements")


def _too_large() -> Stop:
    return refuse("a whole number becomes too large", f"whole numbers of up to {MAX_BITS:,} bits")


def _check_add(a: Any, b: Any) -> None:
    if _KINDS[type(a)] == "s" and hasattr(b, "__len__") and len(a) + len(b) > MAX_LENGTH:
        raise _too_long(len(a) + len(b))


def _check_multiply(a: Any, b: Any) -> None:
    kinds = _KINDS[type(a)] + _KINDS[type(b)]
    if kinds == "ii":
        if a.bit_length() + b.bit_length() > MAX_BITS:
            raise _too_large()
    elif kinds in ("is", "si"):
        length = len(b) * a if kinds == "is" else len(a) * b
        if length > MAX_LENGTH:
            raise _too_long(length)


def _check_power(a: Any, b: Any) -> None:
    if _KINDS[type(a)] == "i" and _KINDS[type(b)] == "i" and b > 0 and a.bit_length() * b > MAX_BITS and abs(a) > 1:
        raise _too_large()


def _check_shift(a: Any, b: Any) -> None:
    if _KINDS[type(a)] == "i" and _KINDS[type(b)] == "i" and a.bit_length() + b > MAX_BITS:
        raise _too_large()


def check_bits(number: Any) -> None:
    """Refuses a whole number of more than MAX_BITS bits."""
    if _KINDS[type(number)] == "i" and number.bit_length() > MAX_BITS:
        raise _too_large()


def _check_floor(a: Any, b: Any) -> None:
    check_bits(a)


_PERCENT = re.compile(r"%(?:\([^)]*\))?[#0\- +]*(\*|\d+)?(?:\.(\*|\d+))?")


def _check_remainder(a: Any, b: Any) -> None:
    if isinstance(a, str):
        check_percent(a, b)
    else:
        _check_floor(a, b)


def check_percent(text: str, values: Any) -> None:
    """Refuses `text % values` where a width is not a small number, or where the result would be too long."""
    fields = 0
    for match in _PERCENT.finditer(text):
        fields += 1
        for width in match.groups():
            if width is not None and (width == "*" or len(width) > 6 or int(width) > MAX_WIDTH):
                raise refuse(f"the format {match.group()!r} is too wide", f"widths of up to {MAX_WIDTH}")
    weigh(values)
    parts: Any = values.values() if isinstance(values, dict) else values if isinstance(values, tuple) else (values,)
    longest = max((len(part) for part in parts if isinstance(part, str)), default=0)
    if fields > MAX_FORMAT_FIELDS or fields * longest > MAX_LENGTH:
        raise _too_long(fields * max(longest, 1))


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
    "FloorDiv": _bounded(_check_floor, operator.floordiv),
}


def _add_in_place(a: Any, b: Any) -> Any:
    if type(a) is list:
        b = list(b)  # an iterator over the list itself would never end
        if len(a) + len(b) > MAX_LENGTH:
            raise _too_long(len(a) + len(b))
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
    "FloorDiv": _bounded(_check_floor, operator.ifloordiv),
}


def weigh(value: Any) -> None:
    """Refuses containers whose walk would take too long: lists that hold the same list many times over."""
    if not isinstance(value, CONTAINERS):
        return
    waiting: list[Any] = [value]
    weight = length = 0
    while waiting:
        container = waiting.pop()
        weight += len(container)
        if weight > MAX_WEIGHT and len(container) != weight:
            raise refuse("a list holds lists that hold lists ... and too many in all", f"{MAX_WEIGHT:,} elements")
        for items in (container, container.values()) if isinstance(container, dict) else (container,):
            waiting.extend([item for item in items if isinstance(item, CONTAINERS)])
            length += sum([len(item) for item in items if isinstance(item, str)])
        check_length(length)


def compared(value: Any) -> Any:
    """The operand of a comparison, which must not be a container that takes too long to walk."""
    if isinstance(value, CONTAINERS):
        weigh(value)
    return value


def check_length(length: int) -> None:
    """Refuses a text or list of more than MAX_LENGTH elements."""
    if length > MAX_LENGTH:
        raise _too_long(length)
