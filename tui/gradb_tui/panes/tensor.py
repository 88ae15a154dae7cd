"""A tensor at the cursor: value and grad as torch prints them, flags, health, and who wrote them last and writes next."""

from collections.abc import Sequence

from gradb.printing import PrintOptions, tensor_text
from gradb.trace.events import Array, TensorState
from gradb.trace.health import Health, health
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.rows import Row, Span, row
from gradb_tui.panes.wrap import wrap

LABEL = 8  # the width of the column of labels
NO_TENSOR = (row(("No tensor yet: it appears with the first event that makes one.", "dim")),)


def tensor_rows(trace: Trace, tensor: int, at: int, width: int, height: int) -> list[Row]:
    """The rows about a tensor that exists at this moment. Values longer than the pane are shortened as torch does."""
    state = trace.state(tensor, at)
    if state is None:
        return [row(("It does not exist yet at this moment.", "dim"))]
    grad = trace.grad_state(tensor, at)
    lines = max(3, (height - 7) // (2 if grad is not None else 1))
    grad_fn = state.grad_fn.name if state.grad_fn is not None else None
    value = value_text(state.array, width - LABEL, lines, requires_grad=state.requires_grad, grad_fn=grad_fn)
    rows = wrap(row((trace.name(tensor), "title"), (f"  {kind_of(state)}", "plain")), width, 2)
    rows += _labelled("value", value, "value", width)
    if grad is not None:
        rows += _labelled("grad", value_text(grad.array, width - LABEL, lines), "grad", width)
    else:
        rows += _fact("grad", [("None ", "value"), (why_no_grad(trace, state, at), "dim")], width)
    rows += _fact("flags", flags(state), width)
    rows += _fact("health", health_spans(health(state.array)), width)
    if grad is not None:
        rows += _fact("of grad", health_spans(health(grad.array)), width)
    rows += _writers(trace, "value", Cell(tensor, "value"), at, width)
    rows += _writers(trace, "grad", Cell(tensor, "grad"), at, width)
    return rows


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
    for threshold, edge in ((1000, 3), (0, 3), (0, 2), (0, 1)):
        options = PrintOptions(threshold=threshold, edgeitems=edge, linewidth=max(width, 20))
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
        return "(not a leaf: backward passes its gradient on and does not keep it)"
    if trace.last_write(Cell(state.id, "grad"), at) is not None:
        return "(cleared)"
    return "(no backward has reached it yet)"


def flags(state: TensorState) -> list[Span]:
    """requires_grad, is_leaf and grad_fn."""
    grad_fn = state.grad_fn.name if state.grad_fn is not None else "None"
    return [
        ("requires_grad ", "dim"),
        (str(state.requires_grad), "value"),
        ("  is_leaf ", "dim"),
        (str(state.is_leaf), "value"),
        ("  grad_fn ", "dim"),
        (grad_fn, "value"),
    ]


def health_spans(sound: Health) -> list[Span]:
    """The figures; NaN and Inf are shouted where there are any."""
    spans: list[Span] = []
    for label, figure in (("min ", sound.min), ("max ", sound.max), ("mean ", sound.mean), ("norm ", sound.norm)):
        spans += [(label, "dim"), ("– " if figure is None else f"{figure:.4g} ", "plain")]
    spans += [("zeros ", "dim"), (f"{sound.zeros} of {sound.count} ", "plain")]
    for label, count in (("NaN ", sound.nan), ("Inf ", sound.inf)):
        spans += [(label, "dim"), (f"{count} ", "plain")] if not count else [(f"! {label}{count} ", "bad")]
    return spans


def _writers(trace: Trace, what: str, cell: Cell, at: int, width: int) -> list[Row]:
    last, following = trace.last_write(cell, at), trace.next_write(cell, at)
    if last is None and following is None:
        return []
    spans: list[Span] = [(f"{what} ", "dim"), ("written by ", "dim"), (_place(trace, last), "plain")]
    spans += [(" next ", "dim"), (_place(trace, following), "plain")]
    return _fact("writer", spans, width)


def _place(trace: Trace, number: int | None) -> str:
    return "–" if number is None else f"{trace.address(number)} (line {trace.events[number - 1].line})"


def _labelled(label: str, text: str, role: str, width: int) -> list[Row]:
    rows: list[Row] = []
    for i, line in enumerate(text.splitlines()):
        rows += wrap(
            row((label if not i else "", "key"), (" " * LABEL)[len(label if not i else "") :], (line, role)),
            width,
            LABEL,
        )
    return rows


def _fact(label: str, spans: Sequence[Span], width: int) -> list[Row]:
    return wrap(row((label.ljust(LABEL), "key"), *spans), width, LABEL)


class TensorPane(Pane):
    """The tensor that the event is about, or the one that was chosen."""

    pane = "tensor"

    def draw(self, moment: Moment) -> None:
        tensor = moment.tensor
        width, height = self.size
        if tensor is not None:
            self.set_rows(tensor_rows(moment.trace, tensor, moment.at, width, height))
        elif moment.pin is not None:
            name = moment.pin.name or moment.trace.name(moment.pin.tensor)
            self.set_rows([row((name, "title")), *wrap(row(("It does not exist yet at this moment.", "dim")), width)])
        else:
            self.set_rows(NO_TENSOR)
