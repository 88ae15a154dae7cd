"""What changed: `change_rows` compares a value or a gradient with what it was at the write and at the step before."""

from bisect import bisect_right

import numpy as np
from gradb.trace.address import AddressError
from gradb.trace.events import Array
from gradb.trace.health import health
from gradb.trace.numbers import brief
from gradb.trace.trace import Trace

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.tensor_element import exact, named_rows
from gradb_tui.panes.tensor_facts import fact, health_spans, labelled, place_text, shape_text, value_text
from gradb_tui.panes.wrap import wrap

LABEL = 6


def change_rows(moment: Moment, width: int, height: int) -> list[Row]:
    """Both writes and the element that changed most, the same since the step before, then the difference of all
    elements with its health."""
    writes = moment.writes
    now = bisect_right(writes, moment.at) - 1
    array = moment.array_at(moment.at)
    rows = named_rows(moment, array, width)
    if now < 1 or array is None:
        first = "This is its first write." if now == 0 else "It is not written yet."
        return [*rows, *wrap(row((f"{first} There is nothing to compare it with.", "dim")), width)]
    before = moment.array_at(writes[now - 1])
    rows += _then(moment, "from", writes[now - 1], before, width)
    rows += _then(moment, "to", writes[now], array, width)
    rows += _most(before, array, width)
    step = a_step_before(moment.trace, moment.at)
    if step:
        then = moment.array_at(step)
        rows += [*_then(moment, "step", step, then, width), *_most(then, array, width)]
    if before is None or before.shape != array.shape:
        return rows
    difference = array.astype(np.float64) - before.astype(np.float64)
    rows += labelled("diff", value_text(difference, width - LABEL, max(3, height - 8)), "grad", width)
    return rows + fact("", health_spans(health(difference)), width)


def a_step_before(trace: Trace, at: int) -> int:
    """The event at the same place of the training step before, or the last of that step; 0 in the first step."""
    step = trace.step_of(at) - 1
    if step < 1:
        return 0
    try:
        return trace.locate(f"step{step}/{trace.address(at).partition('/')[2]}")
    except AddressError:
        return trace.step_span(step)[1]


def _then(moment: Moment, label: str, at: int, array: Array | None, width: int) -> list[Row]:
    return fact(label, [(place_text(moment.trace, at), "plain"), ("  " + brief(array), "value")], width)


def _most(before: Array | None, array: Array, width: int) -> list[Row]:
    """The element that changed most, or why there is none."""
    if before is None or before.shape != array.shape:
        was = "None" if before is None else shape_text(before.shape)
        return fact("most", [(f"the shapes differ: it was {was}", "dim")], width)
    return fact(
        "most", [(_largest(before, array, array.astype(np.float64) - before.astype(np.float64)), "value")], width
    )


def _largest(before: Array, after: Array, difference: Array) -> str:
    sizes = np.where(np.isnan(difference), np.inf, np.abs(difference))
    if not sizes.size or not sizes.any():
        return "nothing changed"
    place = np.unravel_index(int(sizes.argmax()), sizes.shape)
    where = f"[{', '.join(str(int(i)) for i in place)}] " if place else ""
    part = abs(float(difference[place]) / float(before[place])) if float(before[place]) else float("inf")
    return f"{where}{exact(before[place])} → {exact(after[place])}" + (f", {part:.1%}" if np.isfinite(part) else "")
