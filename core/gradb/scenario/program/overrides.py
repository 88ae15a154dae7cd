"""Methods of Python's own types that a program gets in a bounded form: `override(value, "join")`."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.scenario.program.formatting import format_text
from gradb.scenario.program.kinds import function_only
from gradb.scenario.program.limits import check_length, refuse
from gradb.scenario.program.numeric import argument, check_numeric, check_product
from gradb.scenario.program.sizes import VIEWS, check_views
from gradb.scenario.program.weight import keys_weighed, ordering, weigh, weighed, weighing

MAX_COMPARED = 1_000_000_000


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


def _searching(method: str) -> Callable[..., Any]:
    """A method of a text that may look at each character as often as the other text is long."""
    function: Any = getattr(str, method)

    def searching(text: str, *args: Any, **kwargs: Any) -> Any:
        longest = max([len(arg) for arg in (*args, *kwargs.values()) if isinstance(arg, str)], default=0)
        if len(text) * longest > MAX_COMPARED:
            raise refuse(f"{method!r} would compare too much", f"{MAX_COMPARED:,} characters with one another")
        return function(text, *args, **kwargs)

    return searching


def _ends(method: str) -> Callable[..., bool]:
    function: Any = getattr(str, method)

    def ends(text: str, wanted: str | tuple[str, ...], *bounds: int) -> bool:
        weigh(wanted)
        return function(text, wanted, *bounds)

    return ends


def _sort(values: list[Any], *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
    values[:] = ordering(sorted)(values, key=key, reverse=reverse)


def _decorating(method: str) -> Callable[..., property]:
    def decorating(made: property, function: Any) -> property:
        return getattr(made, method)(function_only(function))

    return decorating


def _of_arrays(method: str) -> Callable[..., Any]:
    def of_arrays(array: Any, *args: Any, **kwargs: Any) -> Any:
        if "out" in kwargs:
            raise refuse(f"{method!r} with 'out' is not for programs")
        if method == "dot" and args:
            check_product(array, args[0])
        plain = {name: argument(value) for name, value in kwargs.items()}
        return check_numeric(getattr(array, method)(*[argument(arg) for arg in args], **plain))

    return of_arrays


def _viewing(method: str) -> Callable[..., Any]:
    def viewing(tensor: Tensor, *args: Any, **kwargs: Any) -> Any:
        return check_views(getattr(tensor, method)(*args, **kwargs))

    return viewing


_ARRAY_METHODS = """
    sum mean min max std var prod reshape flatten ravel copy transpose squeeze argmax argmin round clip dot cumsum
    cumprod any all nonzero argsort trace diagonal swapaxes astype
"""
_SEARCHING = "rfind rindex rsplit rpartition strip lstrip rstrip"
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
    **{(list, name): weighing(getattr(list, name)) for name in ("count", "index", "remove")},
    (list, "sort"): _sort,
    **{(tuple, name): weighing(getattr(tuple, name)) for name in ("count", "index")},
    **{(dict, name): weighing(getattr(dict, name)) for name in ("get", "pop", "setdefault")},
    (dict, "update"): _update,
    **{(set, name): weighing(getattr(set, name)) for name in ("add", "discard", "remove")},
    **{(set, name): _hashing(name) for name in _SET_METHODS.split()},
    **{
        (str, name): _searching(name)
        for name in ["rfind", "rindex", "rsplit", "rpartition", "strip", "lstrip", "rstrip"]
    },
    **{(str, name): _ends(name) for name in ("startswith", "endswith")},
    **{(property, name): _decorating(name) for name in ("getter", "setter", "deleter")},
    **{(kind, name): _of_arrays(name) for kind in (np.ndarray, np.generic) for name in _ARRAY_METHODS.split()},
    **{(Tensor, name): _viewing(name) for name in VIEWS},
}


def override(value: object, name: str) -> "Bounded | None":
    """The bounded form of a method, None where there is none."""
    for base in type(value).__mro__:
        found = _OVERRIDES.get((base, name))
        if found is not None and hasattr(value, name):
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
