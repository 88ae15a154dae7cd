"""Where a breakpoint stops: `hits(trace, breakpoint, at, forward)` gives its events one by one."""

from collections.abc import Callable, Iterator
from functools import lru_cache

from gradb.debug.breakpoint import Breakpoint
from gradb.debug.conditions import OF_THE_EVENT, Condition, Expression, parse_condition
from gradb.debug.outcome import Outcome
from gradb.debug.walking import all_events, along, line_starts, merged, phase_starts
from gradb.errors import UserError
from gradb.trace.events import Forward, Visit
from gradb.trace.formulas import node_label
from gradb.trace.trace import Trace

Cancelled = Callable[[], bool]
_BETWEEN = 64  # candidates between two looks at whether to go on

_condition = lru_cache(maxsize=256)(parse_condition)


class Interrupted(Exception):
    """The search was cancelled before it came to an end."""


def hits(
    trace: Trace,
    breakpoint_: Breakpoint,
    at: int,
    forward: bool,
    cancelled: Cancelled | None = None,
    limit: int | None = None,
) -> Iterator[tuple[int, Outcome | None]]:
    """The events at which a breakpoint stops, from a moment on in one direction, each with what its condition gave.

    A condition on tensors is tested where these are written; one on the event (`kind`, `op`, `event`) at every event;
    one on `step`, `phase` and `line` alone stops where it becomes true. None lies beyond the event `limit`. Raises
    Interrupted soon after `cancelled()` is true, and UserError where a condition cannot be worked out.
    """
    condition = _condition(breakpoint_.target) if breakpoint_.kind == "condition" else None
    extra = _condition(breakpoint_.condition) if breakpoint_.condition else None
    becomes = isinstance(condition, Expression) and not condition.readings and not condition.words & OF_THE_EVENT
    for count, number in enumerate(_candidates(trace, breakpoint_, condition, at, forward)):
        if count % _BETWEEN == 0 and cancelled is not None and cancelled():
            raise Interrupted
        if limit is not None and ((number > limit) if forward else (number < limit)):
            return
        if not _named(trace, breakpoint_, number):
            continue
        outcome = None
        if condition is not None:
            if not condition.holds(trace, number) or (becomes and number > 1 and condition.holds(trace, number - 1)):
                continue
            outcome = condition.test(trace, number)
        if extra is not None:
            if not extra.holds(trace, number):
                continue
            outcome = extra.test(trace, number)
        yield number, outcome


def check(trace: Trace, breakpoint_: Breakpoint) -> None:
    """Raises UserError for a breakpoint that names a line or a variable which a whole run does not have."""
    for text in (breakpoint_.condition, breakpoint_.target if breakpoint_.kind == "condition" else ""):
        condition = _condition(text) if text else None
        if isinstance(condition, Expression):
            condition.check(trace)
    match breakpoint_.kind:
        case "line" if trace.source and not 1 <= int(breakpoint_.target) <= len(trace.source_lines):
            raise UserError(f"there is no line {breakpoint_.target}", allowed=f"line 1 to {len(trace.source_lines)}")
        case "value" | "grad" if breakpoint_.target not in trace.bindings:
            there = ", ".join(list(trace.bindings)[:12])
            raise UserError(f"no tensor is ever called {breakpoint_.target!r}", allowed=there)
        case "name" if breakpoint_.target not in trace.bindings and not any(hits(trace, breakpoint_, 0, True)):
            there = ", ".join(list(trace.bindings)[:12])
            raise UserError(f"there is no variable and no op called {breakpoint_.target!r}", allowed=there)
        case _:
            return


def _candidates(
    trace: Trace, breakpoint_: Breakpoint, condition: Condition | None, at: int, forward: bool
) -> Iterator[int]:
    target = breakpoint_.target
    match breakpoint_.kind:
        case "line":
            return line_starts(trace, int(target), at, forward)
        case "kind":
            return along(trace.of_kind(target), at, forward)
        case "node":
            return along(trace.of_kind("visit"), at, forward)
        case "op":
            return along(trace.of_kind("forward"), at, forward)
        case "name" if target not in trace.bindings:
            return along(trace.of_kind("forward"), at, forward)
        case "value" | "name":
            return along(trace.history(target), at, forward)
        case "grad":
            return along(trace.history(target, "grad"), at, forward)
        case _:
            assert condition is not None
            return _tested(trace, condition, at, forward)


def _tested(trace: Trace, condition: Condition, at: int, forward: bool) -> Iterator[int]:
    """The events at which a condition is worth testing."""
    if not isinstance(condition, Expression):
        return merged([along(trace.of_kind(kind), at, forward) for kind in condition.kinds], forward)
    if condition.words & OF_THE_EVENT:
        return all_events(trace, at, forward)
    if condition.readings:
        walks = [along(trace.history(name, what), at, forward) for name, what in condition.readings]
        for name, what in condition.readings:
            if what == "value":
                walks.append(along(trace.history(name, "flags"), at, forward))
            held = trace.bindings.get(name)
            if held is not None:  # from here on the variable is another tensor
                walks.append(along([since for since in held.since if since], at, forward))
        return merged(walks, forward)
    if "line" in condition.words:
        return all_events(trace, at, forward)
    return phase_starts(trace, at, forward)


def _named(trace: Trace, breakpoint_: Breakpoint, number: int) -> bool:
    """Whether a candidate has the name of the node or op that a breakpoint is for; true for other breakpoints."""
    event = trace.events[number - 1]
    match breakpoint_.kind:
        case "node":
            assert isinstance(event, Visit)
            return breakpoint_.target in (event.node.name, node_label(trace, event.node))
        case "op":
            assert isinstance(event, Forward)
            return event.op.name == breakpoint_.target
        case "name" if breakpoint_.target not in trace.bindings:
            return isinstance(event, Forward) and event.op.name == breakpoint_.target
        case _:
            return True
