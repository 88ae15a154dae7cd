"""A table in CSV with a row for each step: losses, learning rates, and the norms of parameters and gradients.

A tensor with one element has its value in the table instead of its norm. A name that a spreadsheet would take for a
formula, because it begins with `=`, `+`, `-` or `@`, has a `'` before it.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, TypeAlias

from gradb.debug.cleaning import clean
from gradb.export.scalars import by_step, norm
from gradb.export.selection import Selection
from gradb.trace.events import Array

if TYPE_CHECKING:
    from gradb.trace.trace import Trace

_PIECE = 1 << 16  # characters
_Column: TypeAlias = list[float | None]


class _Columns:
    """Columns of numbers that may begin later than the table; None where a row has no value."""

    def __init__(self) -> None:
        self.columns: dict[str, _Column] = {}
        self.rows = 0

    def add(self, row: dict[str, float]) -> None:
        """A further row."""
        for name in row:
            if name not in self.columns:
                self.columns[name] = [None] * self.rows
        for name, column in self.columns.items():
            column.append(row.get(name))
        self.rows += 1


class _Cells:
    """Names a tensor's column and computes what stands there; of an array that stays the same only once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Array, str, float]] = {}

    def of(self, arrays: dict[str, Array]) -> Iterator[tuple[str, float]]:
        """The columns and the numbers of some tensors."""
        for name, array in arrays.items():
            known = self._known.get(name)
            if known is None or known[0] is not array:
                one = array.size == 1
                known = (array, name if one else f"norm({name})", float(array.reshape(())[()]) if one else norm(array))
                self._known[name] = known
            yield known[1:]


def chunks(trace: "Trace", selection: Selection) -> Iterator[bytes]:
    """The table: first the names of the columns, then a line for each step."""
    steps: list[int] = []
    losses, rates, tensors = _Columns(), _Columns(), _Columns()
    cells = _Cells()
    for step in by_step(trace, selection):
        steps.append(step.step)
        losses.add({_loss(i): value for i, value in enumerate(step.losses)})
        rates.add(step.lr)
        tensors.add(dict(cells.of(step.values)) | dict(cells.of(step.grads)))
    columns = losses.columns | _one_rate(rates.columns) | _in_order(trace, tensors.columns)
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["step", *map(_header, columns)])
    for row, step in enumerate(steps):
        writer.writerow([step, *[column[row] for column in columns.values()]])
        if text.tell() > _PIECE:
            yield text.getvalue().encode(errors="replace")
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode(errors="replace")


def _header(name: str) -> str:
    """The name of a column. The names of a module's parameters may be any text."""
    shown = clean(name)
    return f"'{shown}" if shown.lstrip().startswith(("=", "+", "-", "@")) else shown


def _loss(i: int) -> str:
    """The column of the loss of a step's backward, counted from 0."""
    return f"loss_{i + 1}" if i else "loss"


def _in_order(trace: "Trace", columns: dict[str, _Column]) -> dict[str, _Column]:
    """The columns in the order in which the program has its variables, each gradient behind its tensor."""
    order = {name: place for place, name in enumerate(trace.bindings)}

    def place(column: str) -> tuple[int, bool]:
        name = column.removeprefix("norm(").removesuffix(")")
        return order.get(name.removesuffix(".grad"), len(order)), name.endswith(".grad")

    return {name: columns[name] for name in sorted(columns, key=place)}


def _one_rate(columns: dict[str, _Column]) -> dict[str, _Column]:
    """One column `lr` where the parameters of every step have the same, else a column for each parameter."""
    merged: _Column = []
    for row in zip(*columns.values(), strict=True):
        rates = {rate for rate in row if rate is not None}
        if len(rates) > 1:
            return {f"lr({name})": column for name, column in columns.items()}
        merged.append(next(iter(rates), None))
    return {"lr": merged} if columns else {}
