"""Expressions whose value is watched: `seen("w.grad.norm() > 10", trace, at)`, in the language of conditions."""

from functools import lru_cache

import numpy as np
from msgspec import Struct

from gradb.debug.builtin_conditions import BuiltIn
from gradb.debug.conditions import parse_condition
from gradb.debug.evaluating import Evaluation, shown
from gradb.debug.methods import UNKNOWN
from gradb.errors import UserError
from gradb.trace.trace import Trace

_parsed = lru_cache(maxsize=256)(parse_condition)


class Seen(Struct, frozen=True):
    """The value of an expression as a text. `holds` tells of a condition whether it is true, None of another value.

    Of a condition the text holds the values in it. `wrong`: it cannot be worked out, and the text says why.
    """

    text: str
    holds: bool | None = None
    wrong: bool = False


def seen(text: str, trace: Trace, at: int) -> Seen:
    """What an expression is just after event `at`."""
    try:
        condition = _parsed(text)
        if isinstance(condition, BuiltIn):
            outcome = condition.test(trace, at)
            return Seen(str(outcome), outcome.holds)
        evaluation = Evaluation(trace, at)
        with np.errstate(all="ignore"):
            value = evaluation.value(condition.tree)
    except UserError as error:
        return Seen(error.what, wrong=True)
    if value is UNKNOWN:
        return Seen("not known here")
    if not isinstance(value, bool | np.bool_) and getattr(value, "dtype", None) != np.bool_:
        return Seen(shown(value))
    values = ", ".join(f"{part} = {found}" for part, found in evaluation.seen.items())
    return Seen(values, bool(np.any(value)))


def check_watched(text: str, trace: Trace) -> None:
    """Raises UserError where a text is no expression, or names a tensor that the run never has."""
    condition = _parsed(text)
    if not isinstance(condition, BuiltIn):
        condition.check(trace)


def first_name(text: str) -> str:
    """The first variable in an expression, empty where there is none or where it cannot be read."""
    try:
        condition = _parsed(text)
    except UserError:
        return ""
    return "" if isinstance(condition, BuiltIn) or not condition.readings else condition.readings[0].name
