"""What the last write changed: `change_rows` compares a value or a gradient with what it was at the write before."""

from bisect import bisect_right

import numpy as np
from gradb.trace.events import Array
from gradb.trace.health import health
from gradb.trace.numbers import brief

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.tensor_element import exact, title_row
from gradb_tui.panes.tensor_facts import fact, health_spans, labelled, place_text, shape_text, value_text
from gradb_tui.panes.wrap import wrap

LABEL = 6


def change_rows(moment: Moment, width: int, height: int) -> list[Row]:
    """Both writes, the difference with its health, and the element that changed most."""
    writes = moment.writes
    now = bisect_right(writes, moment.at) - 1
    array = moment.array_at(moment.at)
    rows = [title_row(moment, array, width)]
    if now < 1 or array is None:
        first = "This is its first write." if now == 0 else "It is not written yet."
        return [*rows, *wrap(row((f"{first} There is nothing to compare it with.", "dim")), width)]
    before = moment.array_at(writes[now - 1])
    rows += fact("from", [(place_text(moment.trace, writes[now - 1]), "plain"), ("  " + brief(before), "value")], width)
    rows += fact("to", [(place_text(moment.trace, writes[now]), "plain"), ("  " + brief(array), "value")], width)
    if before is None or before.shape != array.shape:
        was = "None" if before is None else shape_text(before.shape)
        return [*rows, *wrap(row((f"The shapes differ: it was {was}.", "dim")), width)]
    difference = array.astype(np.float64) - before.astype(np.float64)
    rows += labelled("change", value_text(difference, width - LABEL, max(3, height - 8)), "grad", width)
    rows += fact("", health_spans(health(difference)), width)
    return rows + fact("most", [(_largest(before, array, difference), "value")], width)


def _largest(before: Array, after: Array, difference: Array) -> str:
    sizes = np.where(np.isnan(difference), np.inf, np.abs(difference))
    if not sizes.size or not sizes.any():
        return "nothing changed"
    place = np.unravel_index(int(sizes.argmax()), sizes.shape)
    where = f"[{', '.join(str(int(i)) for i in place)}] " if place else ""
    part = abs(float(difference[place]) / float(before[place])) if float(before[place]) else float("inf")
    return f"{where}{exact(before[place])} → {exact(after[place])}" + (f", {part:.1%}" if np.isfinite(part) else "")
