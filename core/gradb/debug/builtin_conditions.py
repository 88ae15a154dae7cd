"""The conditions that come with gradb: `BuiltIn("exploding", 1000.0).test(trace, at)`.

Each looks only at what the event at that moment wrote or sent, so that it tells where a fault begins.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from msgspec import Struct

from gradb.debug.outcome import Outcome
from gradb.debug.written import Written, written
from gradb.trace.health import health, squares
from gradb.trace.numbers import number
from gradb.trace.telling import broken
from gradb.trace.thinned import is_thinned
from gradb.trace.trace import Trace


class Rule(Struct, frozen=True):
    """A rule of thumb: its test, the kinds of events it looks at, what it says; `default` is its threshold, if any."""

    test: Callable[[Written, float], tuple[bool, str] | None]
    kinds: tuple[str, ...]
    about: str
    threshold_text: str
    default: float | None = None


class BuiltIn(Struct, frozen=True):
    """One of `RULES`, with its threshold."""

    name: str
    threshold: float = 0.0

    @property
    def text(self) -> str:
        """As it is written in a breakpoint."""
        rule = RULES[self.name]
        return self.name if rule.default in (None, self.threshold) else f"{self.name}({number(self.threshold)})"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of events that it can hold at."""
        return RULES[self.name].kinds

    def holds(self, trace: Trace, at: int) -> bool:
        """Whether it holds, as `test` says."""
        return self.test(trace, at).holds

    def test(self, trace: Trace, at: int) -> Outcome:
        """Whether what the event wrote is as the rule says: the first array that is, or else the first one tested."""
        rule = RULES[self.name]
        threshold = rule.threshold_text.format(number(self.threshold))
        if not 1 <= at <= len(trace) or trace.events[at - 1].kind not in rule.kinds:
            return Outcome(False, "nothing to test here", threshold)
        first: Outcome | None = None
        for one in written(trace, at):
            tested = rule.test(one, self.threshold)
            if tested is None:
                continue
            outcome = Outcome(tested[0], tested[1], threshold, one.name)
            if outcome.holds:
                return outcome
            first = first or outcome
        return first or Outcome(False, "nothing to test here", threshold)


def _nan_or_inf(one: Written, _: float) -> tuple[bool, str] | None:
    if one.array.dtype.kind != "f":
        return None
    if is_thinned(one.array):
        known = health(one.array)
        return known.nan + known.inf > 0, f"{known.nan} NaN, {known.inf} Inf of {known.count}"
    if np.isfinite(one.array).all():
        return False, "0 NaN, 0 Inf"
    nan, inf = int(np.isnan(one.array).sum()), int(np.isinf(one.array).sum())
    place = broken(one.array)
    where = f", the first at [{', '.join(map(str, place))}]" if place else ""
    return True, f"{nan} NaN, {inf} Inf of {one.array.size}{where}"


def _all_zero(one: Written, _: float) -> tuple[bool, str] | None:
    if one.array.dtype.kind != "f" or not one.array.size:
        return None
    count = one.array.size - health(one.array).zeros if is_thinned(one.array) else int(np.count_nonzero(one.array))
    return count == 0, f"{count} of {one.array.size} are not 0"


def _norm(array: Any) -> float:
    if is_thinned(array):
        return health(array).norm
    with np.errstate(all="ignore"):
        return float(np.sqrt(squares(array.astype(np.float64))))


def _exploding(one: Written, threshold: float) -> tuple[bool, str] | None:
    if not one.is_gradient:
        return None
    norm = _norm(one.array)
    return norm > threshold, f"norm {number(norm)}"


def _vanishing(one: Written, threshold: float) -> tuple[bool, str] | None:
    if not one.is_gradient:
        return None
    norm = _norm(one.array)
    return 0 < norm < threshold, f"norm {number(norm)}"


def _unchanged(one: Written, threshold: float) -> tuple[bool, str] | None:
    if one.before is None or one.before.shape != one.array.shape or not one.array.size:
        return None
    with np.errstate(all="ignore"):
        moved = float(np.max(np.abs(one.array.astype(np.float64) - one.before.astype(np.float64))))
    return moved <= threshold, f"largest change {number(moved)}"


_GRADIENTS = ("visit", "fan_in", "accumulate", "clipped")
RULES: dict[str, Rule] = {
    "nan_or_inf": Rule(
        _nan_or_inf,
        ("tensor_created", "forward", *_GRADIENTS, "update", "zero_grad"),
        "a value or gradient that was written holds a NaN or an infinity",
        "stops at any NaN or Inf",
    ),
    "all_zero": Rule(
        _all_zero,
        ("forward", *_GRADIENTS),
        "every element of an op's result or of a gradient is 0",
        "stops where 0 are not 0",
    ),
    "exploding": Rule(
        _exploding, _GRADIENTS, "the 2-norm of a gradient is above the threshold", "stops above {}", 1000.0
    ),
    "vanishing": Rule(
        _vanishing,
        _GRADIENTS,
        "the 2-norm of a gradient is below the threshold, and not 0",
        "stops below {}, above 0",
        1e-7,
    ),
    "unchanged": Rule(
        _unchanged,
        ("update",),
        "an update left a parameter as it was: no element moved by more than the threshold",
        "stops up to {}",
        0.0,
    ),
}
OTHER_NAMES = {"has_inf_or_nan": "nan_or_inf", "has_nan_or_inf": "nan_or_inf"}  # tfdbg's word, and a likely slip
