"""Answers for forward values: the op that computed a tensor and its inputs, an update and what it used, or a leaf."""

from typing import Any

import numpy as np

from gradb.debug.answers import Question, Term, Why, checked_element, number_at
from gradb.trace.events import Array, Forward, TensorCreated, TensorState, Update
from gradb.trace.formulas import explain
from gradb.trace.numbers import Element, brief, number
from gradb.trace.substitution import inputs_of
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell


def of_forward(trace: Trace, question: Question, at: int, event: Forward) -> Why:
    """The op, and each of its inputs with its own question."""
    state = next((s for s in (*event.outputs, *event.aliases) if s.id == question.tensor), event.outputs[0])
    element = checked_element(question.element, state.array)
    terms: list[Term] = []
    for name, operand in inputs_of(event):
        if isinstance(operand, TensorState):
            terms.append(_input(trace, name, operand, at, event.line, _below(element, state.array, operand.array)))
        elif isinstance(operand, int | float) and not isinstance(operand, bool) and name in event.op.symbol:
            terms.append(Term("number", name, number(operand), number(operand), None, float(operand), at, event.line))
    return _told(trace, question, at, event.line, state, element, tuple(terms))


def of_update(trace: Trace, question: Question, at: int, event: Update) -> Why:
    """The rule, the value before, and what the rule used: the gradient with its own question."""
    state = next((s for s in (event.tensor, *event.aliases) if s.id == question.tensor), event.tensor)
    element = checked_element(question.element, state.array)
    name = trace.name(event.tensor.id)
    before = number_at(event.before, element)
    terms = [
        Term("before", f"{name} before", name, number(before) if before is not None else brief(event.before),
             event.before, before, at, event.line, next=Question(event.tensor.id, "value", at - 1, element))
    ]  # fmt: skip
    for used, value in event.used:
        if used == "grad":
            array = _array(value)
            own = Question(event.tensor.id, "grad", at - 1, element)
            terms.append(_plain("grad", f"{name}.grad", array, element, at, event.line, own))
        elif isinstance(value, TensorState):
            terms.append(_input(trace, used, value, at, event.line, _below(element, event.before, value.array)))
        elif isinstance(value, np.ndarray):
            terms.append(_plain("number", used, value, element, at, event.line, None))
        elif isinstance(value, int | float):
            terms.append(Term("number", used, used, number(value), None, float(value), at, event.line))
    return _told(trace, question, at, event.line, state, element, tuple(terms))


def of_leaf(trace: Trace, question: Question, at: int, event: TensorCreated) -> Why:
    """A tensor that the program made, or that is older than the recording."""
    element = checked_element(question.element, event.tensor.array)
    return _told(trace, question, at, event.line, event.tensor, element, ())


def _told(
    trace: Trace, question: Question, at: int, line: int, state: TensorState, element: Element, terms: tuple[Term, ...]
) -> Why:
    said = explain(trace, at, element)
    return Why(
        question=question,
        name=trace.name(question.tensor),
        value=state.array,
        element=element,
        number=number_at(state.array, element),
        event=at,
        line=line,
        title=said.title,
        symbols=said.symbols,
        numbers=said.numbers,
        terms=terms,
    )


def _input(trace: Trace, name: str, state: TensorState, at: int, line: int, element: Element | None) -> Term:
    own = number_at(state.array, element) if element is not None else None
    written = trace.last_write(Cell(state.id), at - 1) or 0
    source = trace.events[written - 1] if written else None
    return Term(
        role="input",
        label=name,
        symbols=trace.name(state.id),
        numbers=brief(state.array) if own is None else number(own),
        value=state.array,
        number=own,
        event=written,
        line=source.line if source is not None else line,
        op=source.op.name if isinstance(source, Forward) else "",
        node=state.grad_fn,
        next=Question(state.id, "value", at - 1, element) if written else None,
    )


def _plain(
    role: Any, label: str, value: Array | None, element: Element, at: int, line: int, own: Question | None
) -> Term:
    one = number_at(value, element)
    return Term(role, label, label, brief(value) if one is None else number(one), value, one, at, line, next=own)


def _array(value: Any) -> Array | None:
    return value.array if isinstance(value, TensorState) else value if isinstance(value, np.ndarray) else None


def _below(element: Element, result: Array, operand: Array) -> Element | None:
    """The element of an input that the same element of the result was computed from, where the two broadcast."""
    try:
        if np.broadcast_shapes(result.shape, operand.shape) != result.shape:
            return None
    except ValueError:
        return None
    own = element[len(element) - operand.ndim :] if operand.ndim else ()
    return tuple(0 if size == 1 else at for at, size in zip(own, operand.shape, strict=True))
