"""Methods of Python's own types that a program gets in a bounded form: `override(value, "join")`."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from gradb.scenario.program.formatting import format_text
from gradb.scenario.program.kinds import real
from gradb.scenario.program.limits import check_length, refuse, weigh


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


def _weighed(kind: Any, method: str) -> Callable[..., Any]:
    function: Any = getattr(kind, method)

    def weighed(values: Any, *args: Any, **kwargs: Any) -> Any:
        weigh(values)
        return function(values, *args, **kwargs)

    return weighed


def _astype(array: Any, dtype: Any) -> Any:
    wanted = np.dtype(real(dtype))
    if wanted.kind not in "biuf":
        raise refuse(f"arrays of the type {wanted.name!r} are not for programs", "numbers and truth values")
    return array.astype(wanted)


_OVERRIDES: dict[tuple[type, str], Callable[..., Any]] = {
    (str, "join"): _join,
    (str, "replace"): _replace,
    (str, "format"): format_text,
    **{(str, name): _padded(name) for name in ("center", "ljust", "rjust", "zfill")},
    (list, "extend"): _extend,
    **{(list, name): _weighed(list, name) for name in ("count", "index", "remove", "sort")},
    **{(tuple, name): _weighed(tuple, name) for name in ("count", "index")},
    (np.ndarray, "astype"): _astype,
    (np.generic, "astype"): _astype,
}


def override(value: object, name: str) -> Callable[..., Any] | None:
    """The bounded form of a method, None where there is none."""
    for base in type(value).__mro__:
        found = _OVERRIDES.get((base, name))
        if found is not None:
            return partial(found, value)
    return None
