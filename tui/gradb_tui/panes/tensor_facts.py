"""A tensor at the cursor: value and grad as torch prints them, flags, health, who wrote it last and who writes next."""

from collections.abc import Sequence
from typing import NamedTuple

from gradb.printing import PrintOptions, tensor_text
from gradb.trace.events import Array, TensorState
from gradb.trace.health import Health
from gradb.trace.thinned import is_thinned
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell, What

from gradb_tui.panes.rows import Row, Span, row
from gradb_tui.panes.soundness import health_of
from gradb_tui.panes.wrap import wrap

LABEL = 6  # the width of the column of labels


def tensor_rows(trace: Trace, tensor: int, at: int, width: int, height: int) -> list[Row]:
    """The rows about a tensor that exists at this moment. Values longer than the pane are shortened as torch does."""
    state = trace.state(tensor, at)
    if state is None:
        return [row(("It does not exist yet at this moment.", "dim"))]
    grad = trace.grad_state(tensor, at)
    lines = max(5, (height - 6) // (2 if grad is not None else 1))
    grad_fn = state.grad_fn.name if state.grad_fn is not None else None
    value = value_text(state.array, width - LABEL, lines, requires_grad=state.requires_grad, grad_fn=grad_fn)
    parts = [
        _Part("value", labelled("value", value, "value", width), state.array, _writers(trace, tensor, "value", at))
    ]
    if grad is not None:
        rows = labelled("grad", value_text(grad.array, width - LABEL, lines), "grad", width)
    else:
        rows = fact("grad", [("None ", "value"), (why_no_grad(trace, state, at), "dim")], width)
    parts.append(_Part("grad", rows, None if grad is None else grad.array, _writers(trace, tensor, "grad", at)))
    title = wrap(row((trace.name(tensor), "title"), (f"  {kind_of(state)}", "plain")), width, 2)
    end = fact("flags", flags(state), width)
    rows = [*title]
    seen = 0
    for part in parts:
        if part.sound:
            seen = len(rows) + len(part.rows) + len(fact("", part.sound, width))
        rows += [*part.rows, *fact("", [*part.sound, *part.writers], width)]
    if seen <= height:
        return [*rows, *end]
    rows = [*title]  # the health stands above what is too long to see it
    for part in parts:
        rows += fact(part.label, part.sound, width)
    for part in parts:
        rows += [*part.rows, *fact("", part.writers, width)]
    return [*rows, *end]


class _Part(NamedTuple):
    """What is said of the value or of the grad: its rows, its array, who wrote it and who writes it next."""

    label: str
    rows: list[Row]
    array: Array | None
    writers: list[Span]

    @property
    def sound(self) -> list[Span]:
        """The health."""
        return [] if self.array is None else health_spans(health_of(self.array))


def kind_of(state: TensorState) -> str:
    """Leaf, constant or result, with shape and dtype."""
    kind = (
        "result of an op" if not state.is_leaf else "leaf" if state.requires_grad else "constant (a leaf without grad)"
    )
    return f"{kind} · {shape_text(state.array.shape)} · {state.array.dtype.name}"


def shape_text(shape: tuple[int, ...]) -> str:
    """`[100, 1]`, or `scalar`."""
    return str(list(shape)) if shape else "scalar"


def value_text(array: Array, width: int, lines: int, *, requires_grad: bool = False, grad_fn: str | None = None) -> str:
    """What torch prints, for a terminal of that width; shortened where it would take more lines."""
    if is_thinned(array):
        return "not kept in the file, only its health"
    for threshold, edge in ((1000, 3), (0, 3), (0, 2), (0, 1)):
        # torch breaks a line one cell earlier than it must
        options = PrintOptions(threshold=threshold, edgeitems=edge, linewidth=max(width, 20) + 1)
        if threshold and array.size > 50 * lines:
            continue
        text = tensor_text(array, requires_grad=requires_grad, grad_fn=grad_fn, options=options)
        if text.count("\n") < lines:
            return text
    return text


def why_no_grad(trace: Trace, state: TensorState, at: int) -> str:
    """Why `.grad` is None."""
    if not state.requires_grad:
        return "(requires_grad is False)"
    if not state.is_leaf:
        return "(not a leaf: its gradient is passed on, not kept)"
    if trace.last_write(Cell(state.id, "grad"), at) is not None:
        return "(cleared)"
    return "(no backward has reached it yet)"


def flags(state: TensorState) -> list[Span]:
    """requires_grad, is_leaf and grad_fn."""
    grad_fn = state.grad_fn.name if state.grad_fn is not None else "None"
    pairs = (("requires_grad", state.requires_grad), ("is_leaf", state.is_leaf), ("grad_fn", grad_fn))
    return [span for label, what in pairs for span in pair(label, what, "value")]


def health_spans(sound: Health) -> list[Span]:
    """The figures; NaN and Inf are shouted where there are any. Of one element its value says the first four."""
    spans: list[Span] = []
    if sound.count != 1:
        for label, figure in (("min", sound.min), ("max", sound.max), ("mean", sound.mean), ("norm", sound.norm)):
            spans += pair(label, "–" if figure is None else f"{figure:.4g}")
    spans += pair("zeros", sound.zeros)
    for label, count in (("NaN", sound.nan), ("Inf", sound.inf)):
        spans += [(f"!{label}\xa0{count}!", "bad"), (" ", "plain")] if count else pair(label, count)
    return spans


def pair(label: str, what: object, role: str = "plain") -> list[Span]:
    """A label and its value, which stay on one line."""
    return [(f"{label}\xa0", "dim"), (str(what), role), (" ", "plain")]


def _writers(trace: Trace, tensor: int, what: What, at: int) -> list[Span]:
    """Who wrote the value or the grad last, and who writes it next."""
    cell = Cell(tensor, what)
    last, following = trace.last_write(cell, at), trace.next_write(cell, at)
    spans = [] if last is None else pair("by", place_text(trace, last))
    return spans if following is None else spans + pair("next", place_text(trace, following))


def place_text(trace: Trace, number: int) -> str:
    """An event by its address and line."""
    return f"{trace.address(number)}, line\xa0{trace.events[number - 1].line}"


def labelled(label: str, text: str, role: str, width: int) -> list[Row]:
    """The lines of a text beside their label."""
    rows: list[Row] = []
    for i, line in enumerate(text.splitlines()):
        excess = len(line) - (width - LABEL)
        if excess > 0 and line[:excess].isspace():
            line = line[excess:]
        rows += wrap(
            row((label if not i else "", "key"), (" " * LABEL)[len(label if not i else "") :], (line, role)),
            width,
            LABEL,
        )
    return rows


def fact(label: str, spans: Sequence[Span], width: int) -> list[Row]:
    """Spans beside their label, wrapped; nothing where there are none."""
    return wrap(row((label.ljust(LABEL), "key"), *spans), width, LABEL) if spans else []
