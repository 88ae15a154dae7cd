"""What stands behind a tensor: its node and what that saved, the gradients that came, the optimizer's state."""

import re
from collections.abc import Iterator

from gradb.trace.events import Accumulate, FanIn, Forward, NodeRef, TensorState, Update, Visit
from gradb.trace.formulas import node_label
from gradb.trace.numbers import brief
from gradb.trace.substitution import operand_text
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.tensor_element import named_rows
from gradb_tui.panes.tensor_facts import place_text
from gradb_tui.panes.wrap import wrap

Fact = tuple[str, str]


def node_rows(moment: Moment, width: int) -> list[Row]:
    """The node, its saved tensors, the contributions to the gradient in this step, the optimizer's state."""
    trace, at, tensor = moment.trace, moment.at, moment.tensor
    assert tensor is not None
    state = trace.state(tensor, at)
    rows = named_rows(moment, None if state is None else moment.array_at(at), width)
    if state is None:
        return rows
    for title, facts in (
        ("backward node", list(_node(trace, state, at))),
        ("gradients that came in this step", list(_contributions(trace, state, at))),
        ("optimizer", list(_optimizer(trace, tensor, at))),
    ):
        rows.append(row((title, "title")))
        rows += [] if facts else [row(("  none", "dim"))]
        for label, text in facts:
            rows += wrap(row((f"  {label} ", "key"), (text, "value")), width, 4)
    return rows


def _node(trace: Trace, state: TensorState, at: int) -> Iterator[Fact]:
    ref = state.grad_fn
    if ref is None:
        if state.requires_grad:
            yield "AccumulateGrad", "adds what comes to .grad; it saves nothing"
        return
    yield ref.name, f"made at {place_text(trace, ref.forward)}" if ref.forward else "made before the recording"
    made = trace.events[ref.forward - 1] if ref.forward else None
    if not isinstance(made, Forward):
        return
    for name, formula in made.op.gradients.items():
        yield f"∂L/∂{name} =", formula
    saved = [f"{label} = {value}" for label, value in saved_by(trace, made)]
    freed = [number for number in trace.find(ref.key, "freed") if number <= at]
    yield "saved", "; ".join(saved) or "nothing: its formulas need none"
    if freed and saved:
        yield "released", f"at {place_text(trace, freed[-1])}"


def saved_by(trace: Trace, made: Forward) -> Iterator[Fact]:
    """The tensors that the formulas of an op's gradients use, which is what its node keeps from forward."""
    words = set(re.findall(r"[A-Za-z_]\w*", " ".join(made.op.gradients.values()).replace("∂L/∂out", ""), re.ASCII))
    for name, operand in zip(made.op.inputs, made.inputs, strict=False):
        if name in words and isinstance(operand, TensorState):
            yield operand_text(trace, operand), brief(operand.array)
    if "result" in words:
        yield f"the result, {trace.name(made.outputs[0].id)}", brief(made.outputs[0].array)


def _contributions(trace: Trace, state: TensorState, at: int) -> Iterator[Fact]:
    first, last = trace.step_span(trace.step_of(at))
    key = state.grad_fn.key if state.grad_fn is not None else -state.id
    for visited in [n for n in trace.find(key, "visit") if first <= n <= min(at, last)]:
        visit = trace.events[visited - 1]
        assert isinstance(visit, Visit)
        yield from _meeting(trace, visit.node, first, visited)
        incoming = next((gradient for gradient in visit.incoming if gradient is not None), None)
        yield "in all", f"{brief(incoming)} when {node_label(trace, visit.node)} ran, {place_text(trace, visited)}"
    for number in trace.writes(Cell(state.id, "grad")):
        event = trace.events[number - 1]
        if first <= number <= at and isinstance(event, Accumulate):
            yield ".grad +=", f"{brief(event.contribution)} at {place_text(trace, number)}"


def _meeting(trace: Trace, node: NodeRef, first: int, visited: int) -> Iterator[Fact]:
    """The gradients that were added up before a node ran."""
    earlier = True
    for number in trace.find(node.key, "fan_in"):
        event = trace.events[number - 1]
        if isinstance(event, FanIn) and first <= number < visited:
            if earlier:
                yield "first", brief(event.total - event.contribution)
                earlier = False
            yield "then +", f"{brief(event.contribution)} from {node_label(trace, event.source)}"


def _optimizer(trace: Trace, tensor: int, at: int) -> Iterator[Fact]:
    number = trace.last_write(Cell(tensor, "optimizer"), at)
    event = trace.events[number - 1] if number is not None else None
    if not isinstance(event, Update) or number is None:
        return
    yield "rule", f"{event.rule}, at {place_text(trace, number)}"
    for name, used in event.used:
        array = used.array if isinstance(used, TensorState) else used
        yield name, brief(array) if hasattr(array, "dtype") else str(array)  # pyright: ignore[reportArgumentType]  # what has a dtype is an array
