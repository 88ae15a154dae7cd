"""Puts names and numbers into formulas: `put_in("∂L/∂out · other", {...})`, `numbers_of(...)` for one element."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gradb.trace.events import Array, Forward, TensorState
from gradb.trace.numbers import Element, element_of, number, pick, prefix, within

if TYPE_CHECKING:
    from gradb.trace.trace import Trace

_WHOLE_ARRAY = re.compile(r"@|ᵀ|Σ|\b(sum|mean|reshape|expand|matmul|softmax|unsqueeze|squeeze|transpose|permute)\b")


def works_on_whole_arrays(formula: str) -> bool:
    """Whether a formula cannot be worked out element by element."""
    return _WHOLE_ARRAY.search(formula) is not None


def names_of(trace: "Trace", event: Forward) -> dict[str, str]:
    """By parameter of the op: what the program calls what was given for it."""
    return {name: operand_text(trace, operand) for name, operand in inputs_of(event)}


def arrays_of(event: Forward) -> dict[str, Any]:
    """By parameter of the op: the array or plain value that was given for it."""
    return {name: plain(operand) for name, operand in inputs_of(event)}


def is_one(name: str, operand: Any) -> bool:
    """Whether it is a factor of 1 that was not written, such as alpha."""
    return type(operand) in (int, float) and operand == 1 and name in ("alpha", "beta")


def without_ones(formula: str, operands: Iterable[tuple[str, Any]]) -> str:
    """The formula without factors such as alpha, where they are 1."""
    for name, operand in operands:
        if is_one(name, operand):
            formula = formula.replace(f"{name} · ", "").replace(f" · {name}", "")
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
        return prefix(result, at) + (comes_to if filled == comes_to else f"{filled} = {comes_to}")
    count = summed.size // max(result.size, 1)
    return f"{prefix(summed, at)}{filled}, … summed over {count} elements = {element_of(result, None)}"
