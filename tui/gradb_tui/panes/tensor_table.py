"""A plane of an array as a table: `table_rows` formats only the elements that can be seen."""

import numpy as np
from gradb.trace.events import Array
from gradb.trace.numbers import Element

from gradb_tui.panes.rows import Row, Span, row
from gradb_tui.panes.tensor_element import Window, place_of, plane_of

FLOAT = 10  # -1.235e-05


def table_rows(array: Array, element: Element, window: Window, width: int, height: int) -> list[Row]:
    """The part of the element's plane around it, under the numbers of the columns. The window follows the element."""
    plane = plane_of(array, element)
    place = place_of(element)
    label = len(str(max(plane.shape[0] - 1, 0))) + 1
    cells = cell_width(array)
    cells = max(cells, len(str(max(plane.shape[1] - 1, 0))))
    columns = max(1, (width - label) // (cells + 1))
    shown = max(1, height - 1)
    window.follow(place, shown, columns, (plane.shape[0], plane.shape[1]))
    part = plane[window.top : window.top + shown, window.left : window.left + columns]
    rows = [_header(window, part.shape[1], label, cells, place[1], element)]
    for i in range(part.shape[0]):
        number = window.top + i
        spans: list[Span] = [(f"{number:>{label - 1}} ", "key" if number == place[0] else "dim")]
        for j, value in enumerate(part[i]):
            here = number == place[0] and window.left + j == place[1]
            role = "now" if here else "bad" if value != value or abs(value) == np.inf else "plain"
            text = cell_text(value).rjust(cells)
            if spans[-1][1] == role == "plain":
                spans[-1] = (f"{spans[-1][0]} {text}", role)
            else:
                spans += [(" ", "plain"), (text, role)]
        rows.append(row(*spans))
    return rows


def cell_width(array: Array) -> int:
    """How wide a cell is; the same for every part of an array, so that nothing jumps."""
    if array.dtype.kind == "b":
        return 5
    if array.dtype.kind in "iu":
        return max(len(str(array.min())), len(str(array.max())))
    return FLOAT


def cell_text(value: object) -> str:
    """A number in a cell."""
    return f"{value:.4g}" if isinstance(value, np.floating) else str(value)


def _header(window: Window, columns: int, label: int, cells: int, current: int, element: Element) -> Row:
    outer = f"[{', '.join(map(str, element[:-2]))}]" if len(element) > 2 else ""
    spans: list[Span] = [(outer[:label].ljust(label), "dim")]
    for column in range(window.left, window.left + columns):
        spans.append((f" {column:>{cells}}", "key" if column == current else "dim"))
    return row(*spans)
