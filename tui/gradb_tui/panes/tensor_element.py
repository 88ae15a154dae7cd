"""An element of an array as a cursor: where it is, how the keys move it, and what the head of a view says of it."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from gradb.trace.events import Array
from gradb.trace.numbers import Element

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.soundness import health_of
from gradb_tui.panes.tensor_facts import health_spans, shape_text
from gradb_tui.panes.wrap import shorten, wrap


@dataclass
class Window:
    """The first row and column of a plane that a view shows."""

    top: int = 0
    left: int = 0

    def follow(self, place: tuple[int, int], rows: int, columns: int, shape: tuple[int, int]) -> None:
        """Moves as little as it must for an element to be inside, and not beyond the plane."""
        self.top = _follow(self.top, place[0], rows, shape[0])
        self.left = _follow(self.left, place[1], columns, shape[1])


def _follow(first: int, place: int, room: int, total: int) -> int:
    first = min(max(first, place - room + 1), place) if room > 0 else place
    return max(0, min(first, total - max(room, 1)))


def fitted(element: Element | None, shape: tuple[int, ...]) -> Element:
    """The element that was chosen where the array has it, else the nearest or the first."""
    if element is None or len(element) != len(shape):
        return (0,) * len(shape)
    return tuple(min(i, n - 1) for i, n in zip(element, shape, strict=True))


def plane_of(array: Array, element: Element) -> Array:
    """The rows and columns around an element: a vector as one column, of more dims the last two."""
    if array.ndim < 2:
        return array.reshape(-1, 1)
    return array[element[:-2]]


def place_of(element: Element) -> tuple[int, int]:
    """Row and column of an element in its plane."""
    if len(element) < 2:
        return (element[0] if element else 0), 0
    return element[-2], element[-1]


def moved(element: Element, shape: tuple[int, ...], rows: int, columns: int) -> Element:
    """The element so many rows and columns further, at most at the edge."""
    if not shape:
        return element
    if len(shape) == 1:
        return (max(0, min(element[0] + rows + columns, shape[0] - 1)),)
    row_, column = element[-2] + rows, element[-1] + columns
    return *element[:-2], max(0, min(row_, shape[-2] - 1)), max(0, min(column, shape[-1] - 1))


def slice_moved(element: Element, shape: tuple[int, ...], by: int) -> Element:
    """The same place in the next plane of the dims before the last two, or in the one before."""
    outer = shape[:-2]
    if not outer:
        return element
    flat = int(np.ravel_multi_index(element[:-2], outer)) + by
    place = np.unravel_index(max(0, min(flat, prod(outer) - 1)), outer)
    return *(int(i) for i in place), *element[-2:]


def exact(value: Any) -> str:
    """A number with all its digits."""
    return repr(value.item() if value.dtype.kind in "biu" else value.dtype.type(value)).split("(")[-1].rstrip(")")


def title_row(moment: Moment, array: Array | None, width: int) -> Row:
    """The name of what is shown, with its shape and dtype."""
    grad = ".grad" if moment.facet == "grad" else ""
    name = moment.tensor_name or ("" if moment.tensor is None else moment.trace.name(moment.tensor))
    about = f"  {shape_text(array.shape)} · {array.dtype.name}" if array is not None else "  None"
    return row((shorten(f"{name}{grad}", max(1, width - len(about))), "title"), about)


def named_rows(moment: Moment, array: Array | None, width: int) -> list[Row]:
    """The name and the health: what every view begins with."""
    title = title_row(moment, array, width)
    return [title] if array is None else [title, *wrap(row(*health_spans(health_of(array))), width)]


def head_rows(moment: Moment, array: Array | None, width: int) -> list[Row]:
    """The name, the health, and the element at the cursor with its full precision."""
    rows = named_rows(moment, array, width)
    if array is not None and array.size:
        element = fitted(moment.element, array.shape)
        place = f"[{', '.join(map(str, element))}]" if element else "value"
        rows += wrap(row((place, "key"), " = ", (exact(array[element]), "value")), width, 2)
    return rows
