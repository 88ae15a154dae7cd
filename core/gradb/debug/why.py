"""Why a number is what it is: `why(trace, tensor_id, at)` takes a gradient or a value apart, `answer` goes on."""

import numpy as np

from gradb.debug import gradients, values
from gradb.debug.answers import Question, Term, What, Why
from gradb.debug.passes import edge_targets
from gradb.errors import UserError
from gradb.trace.events import (
    Accumulate,
    Array,
    BackwardStarted,
    Clipped,
    FanIn,
    Forward,
    NodeRef,
    RequiresGrad,
    TensorCreated,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.health import health
from gradb.trace.numbers import Element
from gradb.trace.telling import broken
from gradb.trace.thinned import is_thinned
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell

__all__ = ["Question", "Term", "Why", "answer", "asked_at", "why"]


def why(trace: Trace, tensor_id: int, at: int, what: What = "grad", element: Element | None = None) -> Why:
    """Takes the gradient or the value of a tensor apart, as it is just after event `at`.

    Of a leaf the gradient is `.grad`, of another tensor `.grad` where it is kept, else what the last backward brought
    to it. Each term says where it comes from, and `answer(trace, term.next)` goes on from there. `element` chooses one
    element of a large tensor. Raises UserError where the tensor does not exist yet or has no such element.
    """
    return answer(trace, Question(tensor_id, what, at, element))


def answer(trace: Trace, question: Question) -> Why:
    """The answer to a question; that of a term leads one step up. Raises UserError as `why` does."""
    if question.node is not None:
        return gradients.of_node(trace, question, question.node, question.output_nr)
    if question.what == "value":
        return _value(trace, question)
    return _gradient(trace, question)


def asked_at(trace: Trace, at: int, element: Element | None = None) -> Question | None:
    """What there is to ask about the event at a moment: the gradient or the value that it is about, or None.

    Of a node that got numbers and sent on a NaN or an infinity, that is the gradient with these.
    """
    first_broken = _first_broken(trace, at, element)
    if first_broken is not None:
        return first_broken
    match trace.event(at):
        case Visit(node=node) | FanIn(node=node):
            output_nr = getattr(trace.event(at), "output_nr", 0)
            tensor = node.tensor
            forward = trace.events[node.forward - 1] if node.forward else None
            if isinstance(forward, Forward):
                tensor = forward.outputs[min(output_nr, len(forward.outputs) - 1)].id
            return Question(tensor, "grad", at, element, node, output_nr)
        case Accumulate(tensor=state) | ZeroGrad(tensor=state):
            return Question(state.id, "grad", at, element)
        case Clipped(tensors=tensors) if tensors:
            return Question(tensors[0].id, "grad", at, element)
        case BackwardStarted(roots=roots) if roots:
            root = roots[0]
            return Question(root.id, "grad", at, element, root.grad_fn, root.output_nr)
        case Forward(outputs=outputs) if outputs:
            return Question(outputs[0].id, "value", at, element)
        case Update(tensor=state) | TensorCreated(tensor=state) | RequiresGrad(tensor=state):
            return Question(state.id, "value", at, element)
        case _:
            return None


def _first_broken(trace: Trace, at: int, element: Element | None) -> Question | None:
    visit = trace.event(at)
    if not isinstance(visit, Visit) or not all(_sound(gradient) for gradient in visit.incoming):
        return None
    for gradient, (_, state, target) in zip(visit.outgoing, edge_targets(trace, visit.node), strict=False):
        if _sound(gradient) or state is None or target is None:
            continue
        node = state.grad_fn or NodeRef(0, "AccumulateGrad", tensor=state.id)
        return Question(state.id, "grad", at, element or broken(gradient), node, target[1])
    return None


def _sound(gradient: Array | None) -> bool:
    if gradient is None or gradient.dtype.kind != "f":
        return True
    if is_thinned(gradient):
        known = health(gradient)
        return not known.nan and not known.inf
    return bool(np.isfinite(gradient).all())


def _value(trace: Trace, question: Question) -> Why:
    at = trace.last_write(Cell(question.tensor), question.at)
    if at is None:
        raise _unknown(trace, question)
    event = trace.events[at - 1]
    match event:
        case Forward():
            return values.of_forward(trace, question, at, event)
        case Update():
            return values.of_update(trace, question, at, event)
        case TensorCreated():
            return values.of_leaf(trace, question, at, event)
        case Accumulate(tensor=owner) | ZeroGrad(tensor=owner):
            return _gradient(trace, Question(owner.id, "grad", question.at, question.element))
        case Clipped():
            pairs = zip(event.tensors, event.grads, strict=True)
            owner = next((leaf for leaf, grad in pairs if grad.id == question.tensor), event.tensors[0])
            return gradients.of_clip(trace, question, at, event, owner.id)
        case _:
            raise _unknown(trace, question)


def _gradient(trace: Trace, question: Question) -> Why:
    state = trace.state(question.tensor, question.at)
    if state is None:
        raise _unknown(trace, question)
    name = trace.name(question.tensor)
    at = trace.last_write(Cell(question.tensor, "grad"), question.at)
    if at is None:
        if state.grad_fn is not None:
            return gradients.of_node(trace, question, state.grad_fn, state.output_nr)
        reason = "no backward has reached it yet" if state.requires_grad else f"{name} does not require grad"
        return gradients.nothing(question, f"{name}.grad", f"{name}.grad is None: {reason}")
    event = trace.events[at - 1]
    match event:
        case Accumulate():
            return gradients.of_accumulation(trace, question, at, event)
        case ZeroGrad():
            return gradients.of_reset(trace, question, at, event)
        case Clipped():
            return gradients.of_clip(trace, question, at, event, question.tensor)
        case Forward():  # an op of the program wrote into the tensor in .grad
            grad = trace.grad_state(question.tensor, at)
            assert grad is not None
            return values.of_forward(trace, Question(grad.id, "value", at, question.element), at, event)
        case _:
            raise _unknown(trace, question)


def _unknown(trace: Trace, question: Question) -> UserError:
    where = trace.address(question.at) if 0 < question.at <= len(trace) else ""
    return UserError(f"{trace.name(question.tensor)} does not exist yet", where=where)
