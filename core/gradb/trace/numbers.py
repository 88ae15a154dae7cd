"""Numbers and arrays as short texts for explanations: `number(0.1 + 0.2)` is 0.3, `brief(array)` fits in a line."""

from math import prod
from typing import Any

import numpy as np

from gradb.trace.events import Array
from gradb.trace.health import health, squares
from gradb.trace.thinned import is_thinned

Element = tuple[int, ...]

_SHOWN = 4  # an array of up to this many elements is written out


def number(value: Any) -> str:
    """A number with five significant digits; a negative one in brackets is the caller's affair."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | np.integer):
        return str(int(value))
    return f"{float(value):.5g}"


def is_short(array: Array, most: int) -> bool:
    """Whether an array written as nested lists has up to that many numbers and empty lists.

    One without elements may have millions of empty rows.
    """
    return prod([size or 1 for size in array.shape]) <= most


def brief(array: Array | None) -> str:
    """An array as a text: its elements where they are few, else how many there are and their 2-norm."""
    if array is None:
        return "None"
    if array.ndim == 0:
        return number(array[()])
    if is_short(array, _SHOWN):
        return _nested(array)
    shape = "×".join(map(str, array.shape)) if array.ndim > 1 else f"{array.size} elements"
    if array.dtype.kind == "b":
        return f"{shape} ({int(array.sum())} true)"
    if is_thinned(array):
        return f"{shape} (norm {number(health(array).norm)})"
    return f"{shape} (norm {number(np.sqrt(squares(array.astype(np.float64))))})"


def _nested(array: Array) -> str:
    if array.ndim == 0:
        return number(array[()])
    return f"[{', '.join(_nested(part) for part in array)}]"


def pick(value: Any, shape: tuple[int, ...], at: tuple[int, ...]) -> str | None:
    """The element of a value, broadcast to `shape`, at a place; None where it does not broadcast."""
    if isinstance(value, np.ndarray):
        try:
            found = np.broadcast_to(value, shape)[at]
        except (ValueError, IndexError):
            return None
        text = number(found)
        return f"({text})" if text.startswith("-") else text
    if isinstance(value, int | float):
        return number(value)
    return None if value is None else str(value)


def within(element: Element | None, shape: tuple[int, ...]) -> Element:
    """The element, or the first where it is None or no place in that shape."""
    fits = element is not None and len(element) == len(shape) and all(map(int.__lt__, element, shape))
    return element if fits and element is not None else (0,) * len(shape)


def element_of(array: Array, element: Element | None) -> str:
    """One element as a text; the first where `element` is None or does not fit the array's dims."""
    return number(array[within(element, array.shape)]) if array.size else "empty"


def prefix(array: Array, element: Element | None) -> str:
    """`[0, 0]: ` in front of the numbers of one element of several."""
    if array.size <= 1:
        return ""
    return f"[{', '.join(map(str, within(element, array.shape)))}]: "
