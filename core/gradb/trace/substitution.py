"""Puts names and numbers into formulas: `put_in("∂L/∂out · other", {...})`, `numbers_of(...)` for one element."""

import re
import sys
from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, Any

from gradb.trace.events import Array, Forward, TensorState
from gradb.trace.numbers import Element, element_of, number, pick, prefix, within

if TYPE_CHECKING:
    from gradb.trace.trace import Trace

NONE, MEAN = 0, 1  # torch's numbers for reduction="none" and "mean"
_WHOLE_ARRAY = re.compile(
    r"@|ᵀ|Σ|its part of|at the class"
    r"|\b(sum|mean|reshape|expand|matmul|softmax|unsqueeze|squeeze|transpose|permute|cat|stack)\b"
)


def works_on_whole_arrays(formula: str) -> bool:
    """Whether a formula cannot be worked out element by element."""
    return _WHOLE_ARRAY.search(formula) is not None


def names_of(trace: "Trace", event: Forward) -> dict[str, str]:
    """By parameter of the op: what the program calls what was given for it."""
    texts: dict[str, str] = {}
    for name, operand in inputs_of(event):
        text = "" if name == "end" and operand == sys.maxsize else operand_text(trace, operand)
        texts[name] = f"{texts[name]}, {text}" if name in texts else text
    return texts


def arrays_of(event: Forward) -> dict[str, Any]:
    """By parameter of the op: the array or plain value that was given for it; `count`: its first input's elements."""
    arrays = {name: plain(operand) for name, operand in inputs_of(event)}
    first = next(iter(arrays.values()), None)
    return {"count": prod(getattr(first, "shape", ())), **arrays}


def saved_arrays(trace: "Trace", event: Forward, at: int) -> dict[str, Any]:
    """By parameter of the op, and `result`: the array that backward reads at `at`. A node keeps the tensor and no copy,
    so what was written into it since, around the version counter, is what backward computes with."""
    written = {state.id for state in event.outputs} if event.in_place else set[int]()
    arrays = {**arrays_of(event), "result": event.outputs[0].array}
    for name, operand in [*inputs_of(event), ("result", event.outputs[0])]:
        if isinstance(operand, TensorState) and operand.id not in written:
            now = trace.value(operand.id, at)
            if now is not None and now.shape == operand.array.shape:
                arrays[name] = now
    return arrays


def is_one(name: str, operand: Any) -> bool:
    """Whether it is a factor of 1 that was not written, such as alpha."""
    return type(operand) in (int, float) and operand == 1 and name in ("alpha", "beta")


def without_ones(formula: str, operands: Iterable[tuple[str, Any]]) -> str:
    """The formula without what does not count here: a factor such as alpha that is 1, a weight that was not given, the
    first dimension's number, the mean where a loss is left as it is or summed."""
    for name, operand in operands:
        if is_one(name, operand):
            formula = formula.replace(f"{name} · ", "").replace(f" · {name}", "")
        elif operand is None:
            formula = re.sub(rf" · {name}\[\w+\]", "", formula)
        elif name == "dim" and operand == 0:
            formula = formula.replace(" of dimension dim", "")
        elif name == "reduction" and operand != MEAN:
            formula = re.sub(r" / (count|total_weight)\b", "", formula)
            formula = formula.replace("mean(", "(" if operand == NONE else "sum(", 1)
    return formula


def inputs_of(event: Forward) -> list[tuple[str, Any]]:
    """Name and operand of each parameter; the tensors of a list stand one by one under the list's name."""
    pairs: list[tuple[str, Any]] = []
    for name, operand in zip(event.op.inputs, event.inputs, strict=False):
        if isinstance(operand, tuple) and any(isinstance(item, TensorState) for item in operand):
            pairs.extend((name, item) for item in operand)
        else:
            pairs.append((name, operand))
    return pairs


def operand_text(trace: "Trace", operand: Any) -> str:
    """The variable of a tensor; anything else as a text."""
    if isinstance(operand, TensorState):
        return trace.name(operand.id)
    if isinstance(operand, tuple):
        return f"({', '.join(operand_text(trace, item) for item in operand)})"
    return number(operand) if isinstance(operand, float) else str(operand)


def plain(operand: Any) -> Any:
    """The array of a tensor; anything else as it is."""
    return operand.array if isinstance(operand, TensorState) else operand


def put_in(formula: str, texts: dict[str, str]) -> str:
    """The formula with each whole word that is a key replaced; all at once, so that names may look like keys."""
    if not texts:
        return formula
    words = "|".join(re.escape(word) for word in sorted(texts, key=len, reverse=True))
    return re.sub(
        rf"(?<![A-Za-z0-9_.])(?:∂L/∂)?({words})(?![A-Za-z0-9_(])", lambda m: m[0].replace(m[1], texts[m[1]]), formula
    )


def numbers_of(
    formula: str, arrays: dict[str, Any], result: Array, element: Element | None, summed: Array | None = None
) -> str | None:
    """The formula with one element's values, and what it comes to; None where it works on whole arrays.

    `summed`: the gradient that came in, where broadcasting makes the result a sum over its elements.
    """
    if works_on_whole_arrays(formula):
        return None
    shape = result.shape if summed is None else summed.shape
    at = within(element, shape)
    if 0 in shape:
        return None
    texts: dict[str, str] = {}
    for name, value in arrays.items():
        if name in formula:
            text = pick(value, shape, at)
            if text is None:
                return None
            texts[name] = text
    filled = re.sub(r"∂L/∂(?=[-(\d])", "", put_in(formula, texts))
    filled = re.sub(r"^\(([^()]+)\)$", r"\1", filled)
    if summed is None:
        comes_to = element_of(result, at)
        known = texts and filled != comes_to
        return prefix(result, at) + (f"{filled} = {comes_to}" if known else comes_to)
    count = summed.size // max(result.size, 1)
    return f"{prefix(summed, at)}{filled}, … summed over {count} elements = {element_of(result, None)}"
