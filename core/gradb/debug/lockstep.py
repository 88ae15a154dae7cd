"""Where two runs part: `first_divergence(a, b)` walks both event by event and tells the first that is not the same."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from msgspec import Struct

from gradb.debug.stopping import Cancelled, Interrupted
from gradb.debug.written import written
from gradb.trace.events import BackwardStarted, Event, FanIn, Forward, Plotted, Printed, Raised, Scheduled, Visit
from gradb.trace.formulas import node_label
from gradb.trace.numbers import brief, number
from gradb.trace.trace import Trace

RELATIVE = 1e-6  # what float32 holds
_BETWEEN = 256


class Divergence(Struct, frozen=True):
    """The first event, by its number, that differs: `what` differs, and how it is in each run.

    Where one run has ended, `event` is one beyond its last.
    """

    event: int
    what: str
    left: str
    right: str

    def __str__(self) -> str:
        return f"#{self.event}: {self.what}: {self.left} | {self.right}"


def first_divergence(
    left: Trace,
    right: Trace,
    start: int = 1,
    relative: float = RELATIVE,
    cancelled: Cancelled | None = None,
    shift: int = 0,
    last: int | None = None,
) -> Divergence | None:
    """The first event from `start` to `last` that differs in its kind, line, names, or by more than a tolerance.

    None where the runs are the same up to there. `relative` is of the largest element of each array. `shift` events
    that only the right run has are passed over: event n is compared with event n + shift. Raises Interrupted soon
    after `cancelled()` is true.
    """
    end = min(len(left), len(right) - shift)
    for count, number_ in enumerate(range(start, min(end, end if last is None else last) + 1)):
        if count % _BETWEEN == 0 and cancelled is not None and cancelled():
            raise Interrupted
        found = difference(left, right, number_, relative, number_ + shift)
        if found is not None:
            return found
    if len(left) == len(right) - shift or (last is not None and last <= end):
        return None
    at = end + 1
    places = ((left, at), (right, at + shift))
    texts = [_told(trace, n) if n <= len(trace) else f"ended with #{len(trace)}" for trace, n in places]
    return Divergence(at, "one run goes on", texts[0], texts[1])


def difference(
    left: Trace, right: Trace, number_: int, relative: float = RELATIVE, other_number: int = 0
) -> Divergence | None:
    """How the two events of one number differ, None where they do not; `other_number` is that of the right one."""
    other_number = other_number or number_
    one, other = left.events[number_ - 1], right.events[other_number - 1]
    if one.kind != other.kind:
        return Divergence(number_, "the kind of event", _told(left, number_), _told(right, other_number))
    if one.line != other.line:
        return Divergence(number_, "the line", f"line {one.line}", f"line {other.line}")
    facts, others = dict(_facts(left, one)), dict(_facts(right, other))
    for what in {**facts, **others}:
        if facts.get(what) != others.get(what):
            return Divergence(number_, what, str(facts.get(what, "none")), str(others.get(what, "none")))
    arrays, other_arrays = _arrays(left, number_), _arrays(right, other_number)
    names, other_names = [name for name, _ in arrays], [name for name, _ in other_arrays]
    if names != other_names:
        return Divergence(number_, "the names", ", ".join(names), ", ".join(other_names))
    for (name, array), (_, other_array) in zip(arrays, other_arrays, strict=True):
        apart = _apart(array, other_array, relative)
        if apart:
            return Divergence(number_, f"{name} ({apart})", brief(array), brief(other_array))
    return None


def _arrays(trace: Trace, number_: int) -> list[tuple[str, Any]]:
    """The arrays that an event wrote or sent, each with its name."""
    event = trace.events[number_ - 1]
    if isinstance(event, BackwardStarted):
        return [(f"the seed of {trace.name(r.id)}", seed) for r, seed in zip(event.roots, event.seeds, strict=True)]
    if isinstance(event, Plotted):
        return [(f"series {place} of the plot", series) for place, series in enumerate(event.series, 1)]
    return [(one.name, one.array) for one in written(trace, number_)]


def _facts(trace: Trace, event: Event) -> Iterator[tuple[str, Any]]:
    """What an event says beside its arrays."""
    match event:
        case Forward():
            yield "the op", event.op.name
            yield "the node", event.node.name if event.node else None
        case Visit() | FanIn():
            yield "the node", node_label(trace, event.node)
        case BackwardStarted():
            yield "the roots", tuple([trace.name(root.id) for root in event.roots])
        case Printed():
            yield "the text", event.text
        case Raised():
            yield "the error", f"{event.error}: {event.message}"
        case Scheduled():
            yield event.option, event.after
        case Plotted():
            yield "the plot", event.call
        case _:
            pass


def _apart(one: Any, other: Any, relative: float) -> str:
    """How far two arrays are apart, an empty text where they are the same."""
    if one.shape != other.shape:
        return f"shapes {list(one.shape)} and {list(other.shape)}"
    if one.dtype != other.dtype:
        return f"dtypes {one.dtype.name} and {other.dtype.name}"
    if one is other or not one.size:
        return ""
    if one.dtype.kind != "f":
        return "" if np.array_equal(one, other) else f"{int((one != other).sum())} elements differ"
    left, right = one.astype(np.float64), other.astype(np.float64)
    with np.errstate(all="ignore"):
        same = (left == right) | (np.isnan(left) & np.isnan(right))
        far = np.where(same, 0.0, np.abs(left - right))
        scale = max(float(np.max(np.abs(left), initial=0.0)), float(np.max(np.abs(right), initial=0.0)))
        worst = float(np.max(far))
    if worst <= relative * scale and np.isfinite(scale):
        return ""
    return f"{number(worst)} apart"


def _told(trace: Trace, number_: int) -> str:
    event = trace.events[number_ - 1]
    return f"{event.kind} on line {event.line}"
