"""The terms of a gradient's sum: `term_of(trace, contribution, ...)` tells one as `upstream × local`."""

from gradb.debug.answers import Question, Term, number_at
from gradb.debug.passes import Contribution, edge_targets, forward_of
from gradb.debug.products import Product, Products, products
from gradb.trace.events import Array, BackwardStarted, Forward, TensorState, Visit
from gradb.trace.numbers import Element, brief, number
from gradb.trace.substitution import names_of, numbers_of, put_in, saved_arrays, without_ones
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell


def term_of(trace: Trace, contribution: Contribution, tensor: int, element: Element) -> Term:
    """What was sent to a tensor: the seed of a root, or the gradient of a consumer times its local derivative."""
    event = trace.events[contribution.event - 1]
    value = contribution.gradient
    at = number_at(value, element)
    if isinstance(event, BackwardStarted):
        root = trace.name(event.roots[contribution.edge].id)
        shown = brief(value) if at is None else number(at)
        return Term("seed", "the seed", f"seed of {root}", shown, value, at, contribution.event, event.line)
    assert isinstance(event, Visit)
    forward = forward_of(trace, event.node)
    if forward is None:
        return Term(
            "consumer", event.node.name, f"through {event.node.name}", brief(value), value, at, contribution.event,
            event.line, node=event.node, next=_above(event, contribution.event, None, 0, None),
        )  # fmt: skip
    output_nr = next((i for i, gradient in enumerate(event.incoming) if gradient is not None), 0)
    upstream = event.incoming[output_nr]
    output = forward.outputs[min(output_nr, len(forward.outputs) - 1)]
    formula = _formula(trace, event, forward, contribution.edge)
    symbols = put_in(
        formula, {**names_of(trace, forward), "out": trace.name(output.id), "result": trace.name(output.id)}
    )
    found = None
    values = saved_arrays(trace, forward, contribution.event)
    if output is not forward.outputs[0]:
        values["result"] = output.array
    if event.node.name == "CopySlices" and contribution.edge == 0:
        symbols = f"∂L/∂{trace.name(tensor)} outside of {trace.name(output.id)}, {symbols} inside"
    elif upstream is not None and at is not None and len(event.incoming) == 1:
        found = products(formula, values, upstream, value, element)
    return Term(
        role="consumer",
        label=f"through {trace.name(output.id)} = {forward.op.name}(…)",
        symbols=_summed(symbols, found),
        numbers=_numbers(found, at) or numbers_of(formula, {**values, "out": upstream}, value, element) or brief(value),
        value=value,
        number=at,
        event=contribution.event,
        line=forward.line,
        op=forward.op.name,
        node=event.node,
        products=found.largest if found else (),
        count=found.count if found else 0,
        next=_above(
            event, contribution.event, output, output_nr, found.largest[0] if found and found.largest else None
        ),
    )


def before_term(trace: Trace, tensor: int, event: int, before: Array, element: Element) -> Term:
    """What was in `.grad` before a backward added to it."""
    name = f"{trace.name(tensor)}.grad"
    at = number_at(before, element)
    last = trace.last_write(Cell(tensor, "grad"), event - 1) or 0
    return Term(
        role="before",
        label="what was there before",
        symbols=f"{name} before",
        numbers=brief(before) if at is None else number(at),
        value=before,
        number=at,
        event=last,
        line=trace.events[last - 1].line if last else 0,
        next=Question(tensor, "grad", event - 1, element) if last else None,
    )


def hook_term(rest: Array, element: Element, event: int, line: int) -> Term:
    """What no consumer sent."""
    at = number_at(rest, element)
    return Term(
        "hook",
        "changed on its way",
        "what a hook changed",
        brief(rest) if at is None else number(at),
        rest,
        at,
        event,
        line,
    )


def _formula(trace: Trace, visit: Visit, forward: Forward, edge: int) -> str:
    name = edge_targets(trace, visit.node)[edge][0]
    formula = forward.op.gradients.get(name) or next(iter(forward.op.gradients.values()), "∂L/∂out")
    return without_ones(formula, zip(forward.op.inputs, forward.inputs, strict=False))


def _above(visit: Visit, event: int, output: TensorState | None, output_nr: int, largest: Product | None) -> Question:
    element = largest.element if largest is not None else None
    return Question(output.id if output is not None else 0, "grad", event, element, visit.node, output_nr)


def _summed(symbols: str, found: Products | None) -> str:
    return f"Σ ({symbols})" if found is not None and found.count > 1 and "@" not in symbols else symbols


def _numbers(found: Products | None, total: float | None) -> str:
    if found is None or total is None:
        return ""
    shown = [f"{_signed(p.upstream, first=True)} · {_signed(p.local)}" for p in found.largest]
    text = " + ".join(shown) + (" + …" if found.count > len(shown) else "")
    count = f" ({found.count} products)" if found.count > 1 else ""
    return f"{text} = {number(total)}{count}"


def _signed(value: float, *, first: bool = False) -> str:
    text = number(value)
    return f"({text})" if text.startswith("-") and not first else text
