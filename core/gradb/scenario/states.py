"""Claims about tensors: `check_state(claim, trace)` compares a tensor, or an attribute of it, at an address."""

import math
from typing import Any

import numpy as np

from gradb.scenario.claims import ATTRIBUTES, StateClaim
from gradb.scenario.near import did_you_mean, near_miss
from gradb.scenario.schema import Near
from gradb.scenario.verdict import Verdict
from gradb.trace.address import AddressError
from gradb.trace.events import Array, TensorState
from gradb.trace.numbers import is_short
from gradb.trace.thinned import is_thinned
from gradb.trace.trace import Trace

RELATIVE = 1e-6  # to which plain decimal numbers must agree
_SHOWN_NAMES = 12
_SHOWN_VALUES = 8  # of a tensor in a report


class Unknown(Exception):
    """There is no such tensor at this moment; the text says what there is."""


def check_state(claim: StateClaim, trace: Trace) -> Verdict:
    """The verdict on a claim. An address or a name that does not exist is a claim that fails."""
    title = f"at {claim.at}: {claim.subject}"
    expected = _text(claim.expected)
    try:
        number = trace.locate(claim.at)
    except AddressError as error:
        return Verdict(title, False, expected, f"there is no event at this address: {error.what}", place=claim.place)
    address = trace.address(number)
    try:
        actual = look_up(claim.subject, trace, number)
    except Unknown as unknown:
        return Verdict(title, False, expected, str(unknown), address, claim.place)
    holds, difference = _compare(claim.expected, actual)
    shown = f"{_text(actual)}{f' ({difference})' if difference and not holds else ''}"
    return Verdict(title, holds, expected, shown, address, claim.place)


def look_up(subject: str, trace: Trace, at: int) -> Any:
    """What the subject is at a moment: an array, a bool, a text, a list or None. Raises Unknown."""
    name, _, attribute = subject.rpartition(".")
    if name and attribute in ATTRIBUTES:
        tensor = trace.lookup(name, at)
        state = None if tensor is None else trace.state(tensor, at)
        if tensor is not None and state is not None:
            return trace.grad(tensor, at) if attribute == "grad" else _attribute(state, attribute)
    else:
        tensor = trace.lookup(subject, at)
        value = None if tensor is None else trace.value(tensor, at)
        if value is not None:
            return value
        name = subject
    raise Unknown(_what_there_is(name, subject, trace, at))


def _attribute(state: TensorState, attribute: str) -> Any:
    match attribute:
        case "requires_grad":
            return state.requires_grad
        case "is_leaf":
            return state.is_leaf
        case "grad_fn":
            return None if state.grad_fn is None else state.grad_fn.name
        case "shape":
            return list(state.array.shape)
        case _:
            return state.array.dtype.name


def _what_there_is(name: str, subject: str, trace: Trace, at: int) -> str:
    if name.endswith(".grad"):
        owner = trace.lookup(name.removesuffix(".grad"), at)
        if owner is not None and trace.grad(owner, at) is None:
            return f"{name} is None here"
    if name in trace.bindings:
        first = trace.bindings[name].since[0]
        return f"{name} does not exist yet; it is assigned after {trace.address(first) if first else 'the start'}"
    names = [n for n in trace.bindings if trace.lookup(n, at) is not None]
    head, _, tail = subject.rpartition(".")
    near = f"{head}.{near_miss(tail, ATTRIBUTES)}" if head in names and near_miss(tail, ATTRIBUTES) else ""
    question = did_you_mean(near or near_miss(name, names))
    shown = ", ".join(names[:_SHOWN_NAMES]) + (", ..." if len(names) > _SHOWN_NAMES else "")
    there = f"there are {shown}" if names else "no tensor has a name here"
    return f"no tensor is called {name}{f', {question}' if question else ''}; {there}"


def _compare(expected: Any, actual: Any) -> tuple[bool, str]:
    """Whether the actual value is the expected one, and where it differs, how."""
    if isinstance(actual, np.ndarray):
        if isinstance(expected, Near):
            return _compare_arrays(expected.near, actual, within=expected.within)
        if isinstance(expected, bool | int | float | list):
            return _compare_arrays(expected, actual, within=None)
        return False, ""
    if isinstance(actual, str) and isinstance(expected, str):
        return actual == expected.removeprefix("torch."), ""
    return type(actual) is type(expected) and actual == expected, ""


def _compare_arrays(expected: Any, actual: Array, *, within: float | None) -> tuple[bool, str]:
    wanted = np.asarray(expected)
    if wanted.shape != actual.shape and not (wanted.size == 0 == actual.size):
        return False, f"the shape is {list(actual.shape)}, expected {list(wanted.shape)}"
    if wanted.size == 0:
        return True, ""
    if is_thinned(actual):
        return False, "its elements were not kept in the file"
    if (wanted.dtype.kind == "b") != (actual.dtype.kind == "b"):
        return False, f"the dtype is {actual.dtype.name}"
    if wanted.dtype.kind in "biu" and actual.dtype.kind in "biu":
        return bool((wanted == actual).all()), ""
    left, right = wanted.astype(np.float64), actual.astype(np.float64)
    tolerance = within if within is not None else RELATIVE * np.maximum(np.abs(left), np.abs(right))
    with np.errstate(invalid="ignore"):
        distance = np.abs(left - right)
    same = (left == right) | (distance <= tolerance) & np.isfinite(distance) | np.isnan(left) & np.isnan(right)
    far = float(np.max(distance[~same], initial=0.0))
    return bool(same.all()), f"{far:.4g} away" if math.isfinite(far) else ""


def _text(value: Any) -> str:
    """A value as it would stand in a scenario; long tensors are shortened."""
    if isinstance(value, Near):
        return f"{_text(value.near)} within {value.within:g}"
    if isinstance(value, np.ndarray):
        if not is_short(value, _SHOWN_VALUES):
            first = ", ".join(_number(v) for v in value.ravel()[:_SHOWN_VALUES].tolist())
            shape = "×".join(map(str, value.shape)) if value.ndim > 1 else f"{value.size} elements"
            return f"{shape}: {first}, ..."
        return _text(value.tolist())
    if isinstance(value, list):
        return f"[{', '.join(_text(item) for item in value)}]"
    return value if isinstance(value, str) else _number(value)


def _number(value: bool | int | float | None) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        text = f"{value:.8g}"
        return f"{text}.0" if text.lstrip("-").isdigit() else text
    return str(value)
