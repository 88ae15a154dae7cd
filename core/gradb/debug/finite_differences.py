"""Checks gradients against finite differences: `check_node(trace, at, rerun)` and `check_leaf(trace, leaf, at, rerun)`.

The recorded forward ops run again on the recorded inputs, in float64, with one element moved a little to either side:
df/dx ≈ (f(x + h) - f(x - h)) / 2h, with h = ε^(1/3) · max(1, |x|), where the error of rounding and that of the formula
are about as large (Press et al., Numerical Recipes, 3rd edition, section 5.7). Running an op is the caller's affair:
`rerun(event, operands)` gives its outputs, or None where it cannot.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from msgspec import Struct

from gradb.debug.passes import forward_of, start_of_pass
from gradb.debug.replaying import OTHER_RESULT, CannotRun, Replay, Rerun, plain, same_result
from gradb.errors import UserError
from gradb.trace.events import Accumulate, Array, Forward, TensorState, Visit
from gradb.trace.numbers import Element, number
from gradb.trace.substitution import inputs_of
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell

STEP = float(np.finfo(np.float64).eps) ** (1 / 3)
TOLERANCES = {"float64": 1e-5, "float32": 1e-3}  # of the largest element; how well the recorded dtype can hold it
_ROUGHEST = 5e-2  # for the dtypes of 16 bits
_KINK = 1e-2  # of the larger slope: how far those of the two sides may be apart
_ROUNDING = 1e-14  # of the function's value
_MOST = 64
_MOST_RUNS = 20_000


class Check(Struct, frozen=True):
    """What a check found. `error` is the largest difference of an element, relative to the largest element.

    `verdict`: `agrees`, `differs`, or `not checked`, and then `reason` says why. `element` is the worst one, with its
    `recorded` gradient and the `numeric` one; `elements` of `count` were checked. `kinks` of the others have no
    derivative, because the slopes to the left and to the right differ, as relu's do at 0.
    """

    name: str
    verdict: Literal["agrees", "differs", "not checked"]
    reason: str = ""
    error: float | None = None
    tolerance: float = 0.0
    step: float = STEP
    element: Element = ()
    recorded: float = 0.0
    numeric: float = 0.0
    elements: int = 0
    count: int = 0
    kinks: int = 0

    def __str__(self) -> str:
        if self.error is None:
            return f"{self.name}: {self.verdict}: {self.reason}"
        at = f"[{', '.join(map(str, self.element))}]" if self.element else ""
        return (
            f"{self.name}: {self.verdict}: relative error {self.error:.2g} (allowed {self.tolerance:g}); {at} "
            f"recorded {number(self.recorded)}, numeric {number(self.numeric)}; {self.elements} of {self.count} "
            f"elements, step {self.step:.2g}, in float64{f'; {self.kinks} at a kink' if self.kinks else ''}"
        )


def check_node(trace: Trace, at: int, rerun: Rerun) -> tuple[Check, ...]:
    """Checks each gradient that the node visited at event `at` sent. Raises UserError where `at` is no such visit."""
    visit = trace.event(at)
    if not isinstance(visit, Visit) or visit.node.tensor:
        raise UserError("this event is no visit of a node with an op", where=trace.address(at), allowed="a visit")
    forward = forward_of(trace, visit.node)
    if forward is None or visit.node.name == "CopySlices":
        return (Check(visit.node.name, "not checked", "the op of this node cannot be run again by itself"),)
    operands = tuple([plain(operand) for operand in forward.inputs])
    if not same_result(rerun(forward, operands), forward):
        return (Check(visit.node.name, "not checked", OTHER_RESULT.format(forward.op.name)),)

    def weighted(moved: tuple[Any, ...]) -> float:
        outputs = rerun(forward, moved)
        if outputs is None:
            return float("nan")
        pairs = zip(outputs, visit.incoming, strict=False)
        return sum(float(np.sum(out * grad.astype(np.float64))) for out, grad in pairs if grad is not None)

    checks: list[Check] = []
    for (place, state), gradient in zip(_places(forward), visit.outgoing, strict=False):
        if gradient is None or state is None or gradient.shape != state.array.shape:
            continue
        checks.append(_compared(
            f"∂L/∂{trace.name(state.id)}", gradient, state.array, _MOST,
            lambda array, place=place: weighted(_replaced(operands, place, array)),
        ))  # fmt: skip
    return tuple(checks)


def check_leaf(trace: Trace, leaf: int, at: int, rerun: Rerun) -> Check:
    """Checks what the last backward up to a moment added to a leaf's `.grad`. Raises UserError where none did."""
    name = f"{trace.name(leaf)}.grad"
    written = [n for n in trace.writes(Cell(leaf, "grad")) if n <= at and isinstance(trace.events[n - 1], Accumulate)]
    if not written:
        raise UserError(f"no backward has written {name} yet", where=trace.address(at) if at else "")
    event, started = trace.events[written[-1] - 1], start_of_pass(trace, written[-1])
    assert isinstance(event, Accumulate)
    if event.tensor.grad_fn is not None:
        return Check(name, "not checked", f"{trace.name(leaf)} is no leaf")
    try:
        replay = Replay(trace, started, event.tensor, rerun)
    except CannotRun as reason:
        return Check(name, "not checked", str(reason))
    most = max(4, min(_MOST, _MOST_RUNS // max(len(replay.ops), 1)))
    return _compared(name, event.contribution, replay.before, most, replay.loss)


def _compared(name: str, gradient: Array, at: Array, most: int, function: Callable[[Array], float]) -> Check:
    """Compares the gradient of some elements with differences of the function."""
    if gradient.dtype.kind != "f" or not gradient.size:
        return Check(name, "not checked", "there is no number to check")
    point = at.astype(np.float64)
    worst, place, numeric = -1.0, (0,) * gradient.ndim, 0.0
    scale = float(np.max(np.abs(gradient, dtype=np.float64)))
    chosen = _chosen(gradient, most)
    kinks = 0
    with np.errstate(all="ignore"):
        here = function(point)
        for element in chosen:
            slope = _slope(function, point, element, here)
            if slope is None:
                kinks += 1
                continue
            scale = max(scale, abs(slope))
            apart = abs(slope - float(gradient[element]))
            if not apart <= worst:
                worst, place, numeric = apart, element, slope
    if kinks == len(chosen):
        return Check(name, "not checked", "the function has no derivative here: it has a kink", kinks=kinks)
    error = worst / scale if scale else worst
    tolerance = TOLERANCES.get(gradient.dtype.name, _ROUGHEST)
    return Check(
        name, "agrees" if error <= tolerance else "differs", "", error, tolerance, STEP, place, float(gradient[place]),
        numeric, len(chosen) - kinks, gradient.size, kinks,
    )  # fmt: skip


def _slope(function: Callable[[Array], float], point: Array, element: Element, here: float) -> float | None:
    """The derivative in the direction of one element, None at a kink or where the function is not finite."""
    step = STEP * max(1.0, abs(float(point[element])))
    left, right = _sides(function, point, element, here, step)
    apart = abs(left - right)
    if not np.isfinite(apart):
        return None
    if apart > _KINK * max(abs(left), abs(right)) + _ROUNDING * abs(here) / step:
        nearer_left, nearer_right = _sides(function, point, element, here, step / 4)
        if not abs(nearer_left - nearer_right) < apart / 2:  # where a function is smooth, they come nearer
            return None
    return (left + right) / 2


def _sides(
    function: Callable[[Array], float], point: Array, element: Element, here: float, step: float
) -> tuple[float, float]:
    """The slopes to the left and to the right."""
    below, above = point.copy(), point.copy()
    below[element] -= step
    above[element] += step
    return (here - function(below)) / step, (function(above) - here) / step


def _chosen(gradient: Array, most: int) -> list[Element]:
    """All elements, or the one with the largest gradient and others spread evenly."""
    if gradient.size <= most:
        return list(np.ndindex(gradient.shape))
    with np.errstate(all="ignore"):
        largest = int(np.argmax(np.abs(gradient)))
    flat = sorted({largest, *[int(i) for i in np.linspace(0, gradient.size - 1, most - 1)]})
    return [tuple(int(p) for p in np.unravel_index(i, gradient.shape)) for i in flat]


def _places(forward: Forward) -> list[tuple[tuple[int, ...], TensorState | None]]:
    """Of each edge: where its tensor stands among the operands (an index, and one within a tuple)."""
    places: list[tuple[tuple[int, ...], TensorState | None]] = []
    for i, operand in enumerate(forward.inputs):
        if isinstance(operand, tuple) and any(isinstance(item, TensorState) for item in operand):
            places += [((i, j), item if isinstance(item, TensorState) else None) for j, item in enumerate(operand)]
        else:
            places.append(((i,), operand if isinstance(operand, TensorState) else None))
    assert len(places) == len(inputs_of(forward))
    return places


def _replaced(operands: tuple[Any, ...], place: tuple[int, ...], array: Array) -> tuple[Any, ...]:
    i = place[0]
    new = array if len(place) == 1 else (*operands[i][: place[1]], array, *operands[i][place[1] + 1 :])
    return (*operands[:i], new, *operands[i + 1 :])
