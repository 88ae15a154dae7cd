"""Explains the events of the update phase by their rules: `updated`, `clipped` and `scheduled`."""

from typing import TYPE_CHECKING, Any

import numpy as np

from gradb.trace.events import Clipped, Scheduled, TensorState, Update
from gradb.trace.explanation import Explanation
from gradb.trace.numbers import Element, brief, number
from gradb.trace.substitution import numbers_of, operand_text, plain, put_in, without_ones

if TYPE_CHECKING:
    from gradb.trace.trace import Trace

_MOST_LISTED = 6
_TOTAL_NORM = {
    1.0: "total_norm = Σ |grad| over all gradients",
    2.0: "total_norm = √(Σ grad²) over all gradients",
    np.inf: "total_norm = the largest |grad| of all gradients",
}


def updated(trace: "Trace", event: Update, element: Element | None) -> Explanation:
    """An update: the lines of its rule, each with the numbers of one element."""
    name = trace.name(event.tensor.id)
    names = {key: operand_text(trace, value) for key, value in event.used if isinstance(value, TensorState)}
    arrays: dict[str, Any] = {key: plain(value) for key, value in event.used}
    names["self"] = name
    arrays["self"] = arrays[name] = event.before
    symbols: list[str] = []
    numbers: list[str] = []
    lines = event.rule.split("; ")
    for line in lines:
        target, _, rule = line.rpartition(" = ")
        rule = without_ones(rule, event.used)
        last = line is lines[-1]
        symbols.append(f"{name} ← {put_in(rule, names)}" if last else f"{target} = {put_in(rule, names)}")
        result = event.tensor.array if last else arrays[target]
        values = numbers_of(rule, arrays, result, element)
        if values is not None or len(lines) > 1:
            numbers.append(values or brief(result))
    title = f"{name} is updated: {brief(event.before)} → {brief(event.tensor.array)}"
    return Explanation(title, tuple(symbols), tuple(numbers))


def clipped(trace: "Trace", event: Clipped, element: Element | None) -> Explanation:
    """A clip: the norm and the coefficient, or the bounds, and what became of the first gradients."""
    title, symbols, numbers, rule = _by_value(event) if event.coefficient is None else _by_norm(event)
    scalars = {"coefficient": event.coefficient, "clip_value": event.limit}
    for state, before, grad in zip(event.tensors[:_MOST_LISTED], event.before, event.grads, strict=False):
        name = f"{trace.name(state.id)}.grad"
        symbols.append(f"{name} ← {rule.format(name)}")
        values = numbers_of(rule.format("grad"), {"grad": before, **scalars}, grad.array, element)
        numbers.append(values or brief(grad.array))
    more = ["…"] if len(event.tensors) > _MOST_LISTED else []
    return Explanation(title, tuple(symbols + more), tuple(numbers))


def _by_norm(event: Clipped) -> tuple[str, list[str], list[str], str]:
    norm, total, coefficient = event.norm_type or 0.0, event.total_norm or 0.0, event.coefficient
    limit, by = number(event.limit), number(coefficient)
    what = f"is within {limit}"
    if coefficient != 1:
        what = f"exceeds {limit}, so every gradient is multiplied by {by}"
    symbols = [
        _TOTAL_NORM.get(norm, f"total_norm = (Σ |grad|^p)^(1/p) over all gradients, p = {number(norm)}"),
        "coefficient = min(1, max_norm / (total_norm + 1e-6))",
    ]
    numbers = [number(total), f"min(1, {limit} / ({number(total)} + 1e-6)) = {by}"]
    return f"{event.by}: the total norm {number(total)} {what}", symbols, numbers, "{} · coefficient"


def _by_value(event: Clipped) -> tuple[str, list[str], list[str], str]:
    limit = number(event.limit)
    outside = sum([np.count_nonzero(np.abs(array) > event.limit) for array in event.before])
    count = sum([array.size for array in event.before])
    title = f"{event.by}: {outside} of {count} gradients lay outside [-{limit}, {limit}]"
    return title, [], [], "min(max({}, -clip_value), clip_value)"


def scheduled(event: Scheduled) -> Explanation:
    """A scheduler's change: its formula and the numbers in it."""
    option, before, after = event.option, number(event.before), number(event.after)
    title = f"{event.by} sets {option} of parameter group {event.group} to {after}, it was {before}"
    if not event.rule:
        return Explanation(title, (f"{option} ← {after}",))
    values = numbers_of(event.rule, {option: event.before, **dict(event.used)}, np.asarray(event.after), None)
    return Explanation(title, (f"{option} ← {event.rule}",), () if values is None else (values,))
