"""Two runs side by side: what was changed, where they part first, this event and the values of both, and the loss."""

from bisect import bisect_right

import numpy as np
from gradb.trace.events import Array
from gradb.trace.formulas import explain
from gradb.trace.numbers import brief, number
from gradb.trace.trace import Trace

from gradb_tui.panes.both import Both
from gradb_tui.panes.moment import Moment
from gradb_tui.panes.notes import rule
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.rows import BLANK, Row, row
from gradb_tui.panes.wrap import shorten, wrap

LETTERS = ("A", "B")
ROLES = {"A": "forward", "B": "backward"}
MOST = 20  # variables that are compared
NARROW = 44  # cells in which A and B fit beside each other
ALONE = (
    "There is one run. Press i to change a value or a number here and run on from here: "
    "that gives a second run, B, which stays open beside this one, A."
)


def run_rows(both: Both, here: Trace, width: int) -> list[Row]:
    """Which runs there are, and which of them is looked at."""
    trace = both.pairing.left
    at = both.pairing.changed_at
    where = f" after {trace.address(at)}" if at else " from the start"
    said = {"A": "the run as it was", "B": f"{'; '.join(both.changes)}{where}"}
    rows: list[Row] = []
    for letter in LETTERS:
        seen = both.letter(here) == letter
        mark = ("▶ ", "now") if seen else ("  ", "plain")
        about = (said[letter], "strong" if seen else "plain")
        rows += wrap(row(mark, (f"{letter} ", ROLES[letter]), about), width, 4)
    return rows


def divergence_rows(both: Both, width: int) -> list[Row]:
    """The first event that differs, with both sides."""
    found = both.divergence
    if found is None:
        return wrap(row(("The runs are the same to the end.", "good")), width, 2)
    trace = both.pairing.left
    at = min(found.event, len(trace))
    place = f"{trace.address(at)}, line {trace.events[at - 1].line}" if at else "the start"
    head = row(("first difference ", "dim"), (place, "strong"), ("  (j goes there)", "dim"))
    rows = wrap(head, width, 2) + wrap(row("  ", (found.what, "warn")), width, 4)
    for letter, text in zip(LETTERS, (found.left, found.right), strict=True):
        rows += wrap(row("  ", (f"{letter} ", ROLES[letter]), (text, "value")), width, 4)
    return rows


def here_rows(both: Both, numbers: tuple[int, int], width: int) -> list[Row]:
    """The event that goes with the other in each run, in words and numbers, and whether they differ."""
    rows = [row((rule("this event", width), "dim"))]
    for letter, at in zip(LETTERS, numbers, strict=True):
        trace = both.trace(letter)
        if not at:
            continue
        event = trace.events[at - 1]
        said = explain(trace, at)
        place = f"{trace.address(at)} line {event.line}  "
        rows += wrap(row((f"{letter} ", ROLES[letter]), (place, "dim"), (said.title, "plain")), width, 2)
        for line in said.numbers or said.symbols:
            rows += wrap(row("    ", (line, "value")), width, 6)
    found = both.pairing.difference(numbers[0]) if all(numbers) else None
    verdict = ("  the same in both", "good") if found is None else (f"  ≠ {found.what}", "warn")
    return rows + wrap(row(verdict), width, 4)


def apart(one: Array | None, other: Array | None) -> str:
    """How far two arrays are apart, in their element that is furthest."""
    if one is None or other is None:
        return "same" if one is other else "≠"
    if one.shape != other.shape:
        return "≠ shapes"
    if not one.size or one is other:
        return "same"
    with np.errstate(all="ignore"):
        left, right = one.astype(np.float64), other.astype(np.float64)
        equal = (left == right) | (np.isnan(left) & np.isnan(right))
        far = np.where(equal, 0.0, np.abs(left - right))
    return f"≠ {number(far.max())}" if not equal.all() else "same"


def value_rows(both: Both, numbers: tuple[int, int], names: list[str], width: int) -> list[Row]:
    """Variables as they are in both runs at this moment."""
    rows = [row((rule("values", width), "dim"))]
    column = min(max(map(len, names), default=4), 14)
    each = max(4, (width - column - 14) // 2)
    for name in names[:MOST]:
        one, other = (_value(both.trace(letter), name, at) for letter, at in zip(LETTERS, numbers, strict=True))
        far = apart(one, other)
        role = "warn" if "≠" in far else "dim"
        if role == "dim":
            room = width - column - len(far) - 3
            label, value = shorten(name, column).ljust(column), shorten(brief(one), room)
            rows.append(row((label, "strong"), f" {value}  ", (far, role)))
        elif width >= NARROW:
            cells = [brief(array) for array in (one, other)]
            left, right = (shorten(cell, each).ljust(each) for cell in cells)
            label = shorten(name, column).ljust(column)
            rows.append(row((label, "strong"), (" A ", "forward"), left, (" B ", "backward"), right, (f" {far}", role)))
        else:
            rows.append(row((shorten(name, width - 14), "strong"), (f"  {far}", role)))
            rows += [row(("  A ", "forward"), shorten(brief(one), width - 4))]
            rows += [row(("  B ", "backward"), shorten(brief(other), width - 4))]
    return rows


def loss_rows(both: Both, numbers: tuple[int, int], width: int) -> list[Row]:
    """The loss of each run that was computed last, here and at the end."""
    rows: list[Row] = []
    for letter, at in zip(LETTERS, numbers, strict=True):
        losses = both.trace(letter).losses()
        if losses:
            place = bisect_right(losses, at, key=lambda loss: loss[0])
            here = f"{losses[place - 1][2]:.5g} at step {losses[place - 1][1]}, " if place else ""
            text = f"loss {here}{losses[-1][2]:.5g} at the end (step {losses[-1][1]})"
            rows += wrap(row((f"{letter} ", ROLES[letter]), text), width, 2)
    return [row((rule("loss", width), "dim")), *rows] if rows else []


def _value(trace: Trace, name: str, at: int) -> Array | None:
    tensor = trace.lookup(name, at)
    return None if tensor is None else trace.value(tensor, at)


class ComparePane(Pane):
    """A and B at the same address. The cursors of both go together, whichever is looked at."""

    pane = "compare"

    def draw(self, moment: Moment) -> None:
        width = self.size.width
        both = moment.both
        if both is None:
            self.set_rows(wrap(row((ALONE, "dim")), width))
            return
        numbers = both.moments(moment.trace, moment.at)
        rows = [*run_rows(both, moment.trace, width), BLANK, *divergence_rows(both, width), BLANK]
        rows += here_rows(both, numbers, width)
        rows += value_rows(both, numbers, compared(moment), width)
        self.set_rows([*rows, *loss_rows(both, numbers, width)])


def compared(moment: Moment) -> list[str]:
    """The variables to compare: the one that is shown, then those that are watched, or else the first there are."""
    shown = [moment.tensor_name] if moment.tensor_name else []
    rest = moment.watch or tuple(list(moment.trace.bindings)[:MOST])
    return list(dict.fromkeys([*shown, *([f"{shown[0]}.grad"] if shown else []), *rest]))
