"""Answers for gradients: what is in `.grad`, or what came to a node's output, as a sum of what was sent there."""

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from gradb.debug.answers import Question, Term, Why, checked_element, number_at
from gradb.debug.passes import Target, contributions, start_of_pass
from gradb.debug.terms import before_term, hook_term, term_of
from gradb.trace.events import Accumulate, Array, Clipped, NodeRef, Visit, ZeroGrad
from gradb.trace.formulas import explain, node_label
from gradb.trace.numbers import brief, number
from gradb.trace.trace import Trace

_ROUNDING = 256  # in units of the last place: sums of many terms in another order


def nothing(question: Question, name: str, title: str, event: int = 0, line: int = 0) -> Why:
    """The answer where there is no gradient."""
    return Why(question, name, None, (), None, event, line, title)


def of_accumulation(trace: Trace, question: Question, number_: int, event: Accumulate) -> Why:
    """`.grad` after a backward wrote it: what was there before, and what this backward sent."""
    name = f"{trace.name(event.tensor.id)}.grad"
    value = event.grad.array
    element = checked_element(question.element, value)
    target: Target = (-event.tensor.id, 0)
    if event.tensor.grad_fn is not None:
        target = (event.tensor.grad_fn.id, event.tensor.output_nr)
    sent = contributions(trace, target, start_of_pass(trace, number_), number_)
    terms = [before_term(trace, event.tensor.id, number_, event.before, element)] if event.before is not None else []
    terms += [term_of(trace, one, event.tensor.id, element) for one in sent]
    terms += _left_open(value, terms, element, number_, event.line)
    came = f"{len(sent)} contribution{'' if len(sent) == 1 else 's'}"
    title = f"{name} = {brief(value)}: {came} in this backward" + (
        ", added to what was there" if event.before is not None else ""
    )
    return _sum(question, name, value, element, number_, event.line, title, terms)


def of_reset(trace: Trace, question: Question, number_: int, event: ZeroGrad) -> Why:
    """`.grad` after it was cleared, zeroed or assigned."""
    name = f"{trace.name(event.tensor.id)}.grad"
    value = None if event.grad is None else event.grad.array
    element = checked_element(question.element, value)
    terms: tuple[Term, ...] = ()
    if event.grad is not None and np.any(value):  # the program put a tensor of its own there
        label = trace.name(event.grad.id)
        own = Question(event.grad.id, "value", number_ - 1, element)
        known = trace.state(event.grad.id, number_ - 1) is not None
        at, next_ = number_at(value, element), own if known else None
        terms = (Term("input", label, label, number(at), value, at, number_, event.line, next=next_),)
    said = explain(trace, number_, element)
    return Why(question, name, value, element, number_at(value, element), number_, event.line, said.title, terms=terms)


def of_clip(trace: Trace, question: Question, number_: int, event: Clipped, tensor: int) -> Why:
    """`.grad` after it was clipped."""
    place = next(i for i, state in enumerate(event.tensors) if state.id == tensor)
    name = f"{trace.name(tensor)}.grad"
    value = event.grads[place].array
    element = checked_element(question.element, value)
    said = explain(trace, number_, element)
    before = number_at(event.before[place], element)
    if event.coefficient is not None:
        symbols, numbers = f"{name} · coefficient", f"{number(before)} · {number(event.coefficient)}"
    else:
        limit = number(event.limit)
        symbols, numbers = f"{name} between -{limit} and {limit}", number(before)
    after = number_at(value, element)
    term = Term(
        "clipped", f"{name} before", symbols, f"{numbers} = {number(after)}", value, after, number_, event.line,
        next=Question(tensor, "grad", number_ - 1, element),
    )  # fmt: skip
    return Why(question, name, value, element, after, number_, event.line, said.title, terms=(term,))


def of_node(trace: Trace, question: Question, node: NodeRef, output_nr: int) -> Why:
    """The gradient of a node's output in the last backward that brought one; the part that has come so far, in a
    backward that has not visited the node yet."""
    name = f"∂L/∂{trace.name(question.tensor)}" if question.tensor else f"the gradient of {node.name}"
    key = node.key
    visits = trace.find(key, "visit")
    place = bisect_right(visits, question.at)
    visited = visits[place - 1] if place else 0
    running = start_of_pass(trace, question.at)
    if not running:
        return nothing(question, name, f"{name}: no backward has begun yet")
    started, value = running, None
    if not visited or visited < running:
        sent = contributions(trace, (key, output_nr), running, question.at)
        if not sent and visited:
            started = start_of_pass(trace, visited)
        else:
            visited = 0
            value = _sum_of([one.gradient for one in sent])
    else:
        sent = []
    if visited:
        visit = trace.events[visited - 1]
        assert isinstance(visit, Visit)
        value = visit.incoming[output_nr] if output_nr < len(visit.incoming) else None
        sent = contributions(trace, (key, output_nr), started, visited)
    if value is None:
        return nothing(question, name, f"{name}: no gradient has come yet")
    element = checked_element(question.element, value)
    terms = [term_of(trace, one, question.tensor, element) for one in sent]
    event = visited or sent[-1].event
    line = trace.events[event - 1].line
    if visited:
        terms += _left_open(value, terms, element, visited, line)
    count = f"{len(sent)} contribution{'' if len(sent) == 1 else 's'}"
    at = f"arrives at {node_label(trace, node)}" if visited else "so far"
    return _sum(question, name, value, element, event, line, f"{name} = {brief(value)} {at}: {count}", terms)


def _sum(
    question: Question, name: str, value: Array, element: tuple[int, ...], event: int, line: int, title: str,
    terms: Sequence[Term],
) -> Why:  # fmt: skip
    symbols = (f"{name} = {' + '.join(term.symbols for term in terms)}",) if terms else ()
    total = number_at(value, element)
    parts = [number(term.number) if term.number is not None else "?" for term in terms]
    parts = [parts[0], *[f"({part})" if part.startswith("-") else part for part in parts[1:]]] if parts else []
    numbers = () if total is None else (" + ".join(parts) + f" = {number(total)}" if len(parts) > 1 else number(total),)
    return Why(question, name, value, element, total, event, line, title, symbols, numbers, tuple(terms))


def _sum_of(arrays: Sequence[Array]) -> Array | None:
    total: Array | None = None
    for array in arrays:
        total = array if total is None else np.asarray(total + array)
    return total


def _left_open(value: Array, terms: Sequence[Term], element: tuple[int, ...], event: int, line: int) -> list[Term]:
    """A term for what the others do not add up to: a hook changed the gradient on its way."""
    if value.dtype.kind != "f":
        return []
    with np.errstate(all="ignore"):
        wanted = value.astype(np.float64)
        values = [term.value for term in terms if term.value is not None]
        rest = wanted - sum((v.astype(np.float64) for v in values), np.zeros(()))
        size = sum((np.abs(v, dtype=np.float64) for v in values), np.abs(wanted))
        far = np.abs(rest) > _ROUNDING * np.finfo(value.dtype).eps * size
    if not far.any():
        return []
    return [hook_term(np.asarray(rest), element, event, line)]
