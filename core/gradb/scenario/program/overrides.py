"""Methods of Python's own types that a program gets in a bounded form: `override(value, "join")`."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from gradb.scenario.program.formatting import format_text
from gradb.scenario.program.kinds import real
from gradb.scenario.program.limits import check_length, refuse
from gradb.scenario.program.weight import keys_weighed, weighed, weighing


def _join(text: str, values: Iterable[Any]) -> str:
    parts = list(values)
    check_length(sum([len(part) for part in parts if isinstance(part, str)]) + len(text) * len(parts))
    return text.join(parts)


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    found = text.count(old)
    check_length(len(text) + (found if count < 0 else min(found, count)) * len(new))
    return text.replace(old, new, count)


def _padded(method: str) -> Callable[..., str]:
    function: Any = getattr(str, method)

    def pad(text: str, width: int, *fill: str) -> str:
        check_length(width)
        return function(text, width, *fill)

    return pad


def _extend(values: list[Any], more: Iterable[Any]) -> None:
    values.extend(list(more))  # an iterator over the list itself would never end


def _update(values: dict[Any, Any], more: Any = (), **names: Any) -> None:
    if not isinstance(more, dict):
        more = [(weighed(key), value) for key, value in more]
    values.update(more, **names)


def _hashing(method: str) -> Callable[..., Any]:
    """A method of a set that hashes what its arguments hold."""
    function: Any = getattr(set, method)

    def hashing(values: Any, *others: Iterable[Any]) -> Any:
        return function(values, *[other if isinstance(other, set) else keys_weighed(other) for other in others])

    return hashing


def _astype(array: Any, dtype: Any) -> Any:
    wanted = np.dtype(real(dtype))
    if wanted.kind not in "biuf":
        raise refuse(f"arrays of the type {wanted.name!r} are not for programs", "numbers and truth values")
    return array.astype(wanted)


_SET_METHODS = """
    difference difference_update intersection intersection_update isdisjoint issubset issuperset symmetric_difference
    symmetric_difference_update union update
"""
_OVERRIDES: dict[tuple[type, str], Callable[..., Any]] = {
    (str, "join"): _join,
    (str, "replace"): _replace,
    (str, "format"): format_text,
    **{(str, name): _padded(name) for name in ("center", "ljust", "rjust", "zfill")},
    (list, "extend"): _extend,
    **{(list, name): weighing(getattr(list, name)) for name in ("count", "index", "remove", "sort")},
    **{(tuple, name): weighing(getattr(tuple, name)) for name in ("count", "index")},
    **{(dict, name): weighing(getattr(dict, name)) for name in ("get", "pop", "setdefault")},
    (dict, "update"): _update,
    **{(set, name): weighing(getattr(set, name)) for name in ("add", "discard", "remove")},
    **{(set, name): _hashing(name) for name in _SET_METHODS.split()},
    (np.ndarray, "astype"): _astype,
    (np.generic, "astype"): _astype,
}


def override(value: object, name: str) -> "Bounded | None":
    """The bounded form of a method, None where there is none."""
    for base in type(value).__mro__:
        found = _OVERRIDES.get((base, name))
        if found is not None:
            return Bounded(found, value)
    return None


class Bounded:
    """A method of a value, bound to it."""

    __slots__ = ("function", "value")

    def __init__(self, function: Callable[..., Any], value: Any) -> None:
        self.function = function
        self.value = value

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(self.value, *args, **kwargs)
