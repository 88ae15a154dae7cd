"""What an event did, in words, in symbols and in numbers: `explain(trace, n)`.

Symbols are the op's formulas with the program's names put in. Numbers are the same formulas with the values of one
element put in; where a formula does not work element by element, shapes and norms stand there instead.
"""

from typing import TYPE_CHECKING

from gradb.trace.events import (
    Accumulate,
    BackwardFinished,
    BackwardStarted,
    Clipped,
    Event,
    FanIn,
    Forward,
    NodeRef,
    Plotted,
    Printed,
    Raised,
    RequiresGrad,
    Scheduled,
    TensorCreated,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.explanation import Explanation
from gradb.trace.numbers import Element, brief, element_of, prefix
from gradb.trace.rules import clipped, scheduled, updated
from gradb.trace.substitution import (
    arrays_of,
    inputs_of,
    is_one,
    names_of,
    numbers_of,
    operand_text,
    put_in,
    saved_arrays,
    without_ones,
    works_on_whole_arrays,
)
from gradb.trace.telling import broken_of
from gradb.trace.thinned import arrays_in, is_thinned

if TYPE_CHECKING:
    from gradb.trace.trace import Trace


def explain(trace: "Trace", at: int, element: Element | None = None) -> Explanation:
    """Explains event `at`. `element` chooses the element for the numbers; without it, it is the first that is NaN or
    infinite, else the first. There are no numbers where the values were not kept.

    Raises AddressError when there is no such event.
    """
    event = trace.event(at)
    found = _explained(trace, at, event, broken_of(event) if element is None else element)
    return Explanation(found.title, found.symbols) if any(map(is_thinned, arrays_in(event))) else found


def _explained(trace: "Trace", at: int, event: Event, element: Element | None) -> Explanation:
    match event:
        case TensorCreated():
            return _created(trace, event)
        case RequiresGrad():
            state = "requires grad" if event.tensor.requires_grad else "does not require grad"
            return Explanation(f"{trace.name(event.tensor.id)} now {state}")
        case Forward():
            return _forward(trace, event, element)
        case BackwardStarted():
            return _started(trace, event)
        case BackwardFinished():
            return _finished(event)
        case Visit():
            return _visit(trace, event, at, element)
        case FanIn():
            return _fan_in(trace, event, element)
        case Accumulate():
            return _accumulate(trace, event, element)
        case ZeroGrad():
            name = trace.name(event.tensor.id)
            what = "None" if event.grad is None else brief(event.grad.array)
            return Explanation(f"{name}.grad is set to {what}, it was {brief(event.before)}")
        case Update():
            return updated(trace, event, element)
        case Clipped():
            return clipped(trace, event, element)
        case Scheduled():
            return scheduled(event)
        case Printed():
            return Explanation(f"print: {event.text}")
        case Plotted():
            sizes = ", ".join(f"{series.size} points" for series in event.series[:1])
            return Explanation(f"plt.{event.call}({sizes})")
        case Raised():
            return Explanation(f"{event.error}: {event.message}")


def node_label(trace: "Trace", node: NodeRef) -> str:
    """The node's name; AccumulateGrad with its leaf, such as `AccumulateGrad(w)`."""
    return f"{node.name}({trace.name(node.tensor)})" if node.tensor else node.name


def _made_by(trace: "Trace", node: NodeRef) -> Forward | None:
    """The op that made a node, None where that was not recorded."""
    event = trace.event(node.forward) if node.forward else None
    return event if isinstance(event, Forward) else None


def _created(trace: "Trace", event: TensorCreated) -> Explanation:
    state = event.tensor
    kind = "a leaf that requires grad" if state.requires_grad else "it does not require grad"
    if state.grad_fn is not None:
        kind = f"made by {state.grad_fn.name} before the recording"
    origin = "made outside of the recording" if event.origin == "outside" else f"by {event.origin}"
    return Explanation(f"{trace.name(state.id)} = {brief(state.array)} {origin}; {kind}")


def _forward(trace: "Trace", event: Forward, element: Element | None) -> Explanation:
    names = names_of(trace, event)
    out = trace.name(event.outputs[0].id)
    given = ", ".join(
        operand_text(trace, operand)
        for name, operand in zip(event.op.inputs, event.inputs, strict=False)
        if not is_one(name, operand)
    )
    result = ", ".join(brief(state.array) for state in event.outputs)
    if event.in_place:
        first, _, rest = given.partition(", ")
        title = f"{first}.{event.op.name}({rest}) → {result}"
    else:
        title = f"{', '.join(trace.name(s.id) for s in event.outputs)} = {event.op.name}({given}) → {result}"
    if event.captured:
        title = f"captured: {title}"
    if not event.op.symbol:
        return Explanation(title)
    formula = without_ones(event.op.symbol, zip(event.op.inputs, event.inputs, strict=False))
    symbol = f"{out} = {put_in(formula, names)}"
    values = numbers_of(formula, arrays_of(event), event.outputs[0].array, element)
    return Explanation(title, (symbol,), () if values is None else (values,))


def _started(trace: "Trace", event: BackwardStarted) -> Explanation:
    roots = ", ".join(trace.name(root.id) for root in event.roots)
    symbols = tuple(f"∂L/∂{trace.name(root.id)} = 1, with L = {trace.name(root.id)}" for root in event.roots[:1])
    numbers = tuple(f"seed {brief(seed)}" for seed in event.seeds[:1])
    keep = ", and keeps the graph" if event.retain_graph else ""
    return Explanation(f"backward starts from {roots} = {brief(event.roots[0].array)}{keep}", symbols, numbers)


def _finished(event: BackwardFinished) -> Explanation:
    if not event.freed:
        return Explanation("backward is done; no saved tensor was released")
    freed = ", ".join(node.name for node in event.freed[:6]) + (" …" if len(event.freed) > 6 else "")
    return Explanation(f"backward is done; saved tensors were released at {freed}")


def _visit(trace: "Trace", event: Visit, at: int, element: Element | None) -> Explanation:
    incoming = next((g for g in event.incoming if g is not None), None)
    label = node_label(trace, event.node)
    if event.node.tensor:
        name = trace.name(event.node.tensor)
        return Explanation(f"{label} receives {brief(incoming)}", (f"{name}.grad += ∂L/∂{name}",))
    forward = _made_by(trace, event.node)
    if forward is None:
        return Explanation(f"{label} receives {brief(incoming)}")
    out = trace.name(forward.outputs[0].id)
    names = {**names_of(trace, forward), "result": out}
    arrays = {**saved_arrays(trace, forward, at), "out": incoming}
    symbols: list[str] = []
    numbers: list[str] = []
    goes_to: list[str] = []
    for (name, target), gradient in zip(inputs_of(forward), event.outgoing, strict=False):
        if gradient is None or not isinstance(target, TensorState):
            continue
        formula = forward.op.gradients.get(name) or next(iter(forward.op.gradients.values()), "")
        formula = without_ones(formula, zip(forward.op.inputs, forward.inputs, strict=False))
        goes_to.append(trace.name(target.id))
        reduced = incoming is not None and gradient.size < incoming.size and not works_on_whole_arrays(formula)
        right = put_in(formula, {**names, "out": out})
        symbols.append(f"∂L/∂{goes_to[-1]} = {f'Σ ({right})' if reduced else right}")
        values = numbers_of(formula, arrays, gradient, element, incoming if reduced else None)
        numbers.append(values or f"{brief(incoming)} → {brief(gradient)}")
    title = f"visit {label}: ∂L/∂{out} = {brief(incoming)} flows to {', '.join(goes_to)}"
    return Explanation(title, tuple(symbols), tuple(numbers))


def _fan_in(trace: "Trace", event: FanIn, element: Element | None) -> Explanation:
    name = node_label(trace, event.node)
    forward = _made_by(trace, event.node)
    if forward is not None and event.output_nr < len(forward.outputs):
        name = trace.name(forward.outputs[event.output_nr].id)
    elif event.node.tensor:
        name = trace.name(event.node.tensor)
    terms = _added(element_of(event.total - event.contribution, element), element_of(event.contribution, element))
    return Explanation(
        f"gradients meet at {name}: {brief(event.contribution)} from {event.source.name}, the sum is now "
        f"{brief(event.total)}",
        (f"∂L/∂{name} = sum over the consumers of {name}",),
        (f"{prefix(event.total, element)}{terms} = {element_of(event.total, element)}",),
    )


def _added(first: str, second: str) -> str:
    return f"{first} + ({second})" if second.startswith("-") else f"{first} + {second}"


def _accumulate(trace: "Trace", event: Accumulate, element: Element | None) -> Explanation:
    name = trace.name(event.tensor.id)
    after = event.grad.array
    if event.before is None:
        return Explanation(
            f"{name}.grad was None and is now {brief(after)}",
            (f"{name}.grad = ∂L/∂{name}",),
            (f"{prefix(after, element)}{element_of(after, element)}",),
        )
    terms = _added(element_of(event.before, element), element_of(event.contribution, element))
    return Explanation(
        f"{name}.grad was {brief(event.before)} and is now {brief(after)}",
        (f"{name}.grad = {name}.grad + ∂L/∂{name}",),
        (f"{prefix(after, element)}{terms} = {element_of(after, element)}",),
    )
