"""How two events that go together differ: `Comparing(alignment, tolerance).compare(pair)`."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from msgspec import Struct

from gradb.debug.alignment import Alignment, Pair
from gradb.debug.written import written
from gradb.trace.events import (
    Array,
    BackwardFinished,
    BackwardStarted,
    Clipped,
    Event,
    FanIn,
    Forward,
    Plotted,
    Printed,
    Raised,
    RequiresGrad,
    Scheduled,
    TensorCreated,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.formulas import node_label
from gradb.trace.health import health
from gradb.trace.numbers import brief, number
from gradb.trace.thinned import is_thinned
from gradb.trace.trace import Trace

SameText = Callable[[str, str], bool]

_TEXT = "the text"
_WRITTEN_OUT = 4  # an array of up to this many elements is
_ADDRESS = re.compile(r"\b0x[0-9a-f]+")  # of an object in memory


class Tolerance(Struct, frozen=True):
    """How far two arrays may be apart: `absolute` plus `relative` times the largest number in either of them."""

    relative: float = 1e-6
    absolute: float = 0.0

    def allows(self, apart: float, scale: float) -> bool:
        """Whether a distance is within the tolerance, where `scale` is the largest finite number."""
        return apart <= self.absolute + self.relative * scale


class Difference(Struct, frozen=True):
    """What differs, and how it is in each run, as text."""

    what: str
    left: str
    right: str


class Apart(Struct, frozen=True):
    """An array that both events wrote: its name, the largest distance of two elements, and the largest number.

    Arrays of different shapes or dtypes are infinitely far apart. `far`: the distance is beyond the tolerance.
    """

    name: str
    distance: float
    scale: float
    far: bool


class Compared(Struct, frozen=True):
    """The first difference of two events, None where there is none, and all arrays that both wrote."""

    difference: Difference | None
    arrays: tuple[Apart, ...]


class Comparing:
    """Compares pairs of events within a tolerance. `same_text` says whether two printed texts are the same."""

    def __init__(self, alignment: Alignment, tolerance: Tolerance, same_text: SameText | None = None) -> None:
        self.alignment = alignment
        self.tolerance = tolerance
        self._same_text = same_text or _same_text

    def compare(self, pair: Pair) -> Compared:
        """Compares what the events say and the arrays that they wrote or sent; both events exist."""
        of = self.alignment
        one, other = of.left.events[pair.left - 1], of.right.events[pair.right - 1]
        found = next(self._said(one, other), None)
        arrays: list[Apart] = []
        pieces, others = list(self._arrays(of.left, pair.left, one)), list(self._arrays(of.right, pair.right, other))
        names, other_names = [name for name, _ in pieces], [name for name, _ in others]
        if found is None and of.same_engine and names != other_names:
            found = Difference("the names", ", ".join(names) or "none", ", ".join(other_names) or "none")
        for (name, array), (_, other_array) in zip(pieces, others, strict=False):
            apart = self._apart(name, array, other_array)
            arrays.append(apart)
            if apart.far and found is None:
                found = _array_difference(apart, array, other_array)
        return Compared(found, tuple(arrays))

    def _said(self, one: Event, other: Event) -> Iterator[Difference]:
        """What the events say beside their arrays."""
        of = self.alignment
        if of.same_program and one.line != other.line:
            yield Difference("the line", f"line {one.line}", f"line {other.line}")
        facts, others = dict(self._facts(of.left, one)), dict(self._facts(of.right, other))
        for what in {**facts, **others}:
            fact, other_fact = facts.get(what), others.get(what)
            if fact != other_fact and not self._near(what, fact, other_fact):
                yield Difference(what, _told(fact), _told(other_fact))

    def _near(self, what: str, one: Any, other: Any) -> bool:
        if what == _TEXT:
            return self._same_text(one, other)
        if not isinstance(one, float | int) or not isinstance(other, float | int):
            return False
        return math.isclose(one, other, rel_tol=self.tolerance.relative, abs_tol=self.tolerance.absolute) or (
            math.isnan(one) and math.isnan(other)
        )

    def _apart(self, name: str, one: Array, other: Array) -> Apart:
        if one.shape != other.shape or one.dtype != other.dtype:
            return Apart(name, math.inf, math.inf, True)
        if one is other or (not is_thinned(one) and one.tobytes() == other.tobytes()):
            return Apart(name, 0.0, 0.0, False)
        if is_thinned(one) or is_thinned(other):  # of one of them only the health is known
            one, other = np.array(health(one).norm), np.array(health(other).norm)
        left, right = one.astype(np.float64), other.astype(np.float64)
        with np.errstate(all="ignore"):
            same = (left == right) | (np.isnan(left) & np.isnan(right))
            distances = np.where(same, 0.0, np.abs(left - right))
            distance = float(np.max(np.where(np.isnan(distances), math.inf, distances), initial=0.0))
        scale = max(largest_finite(left), largest_finite(right))
        exact = one.dtype.kind != "f"
        return Apart(name, distance, scale, distance > 0 if exact else not self.tolerance.allows(distance, scale))

    def _arrays(self, trace: Trace, at: int, event: Event) -> Iterator[tuple[str, Array]]:
        """The arrays that an event wrote or sent, with names that do not depend on how many events came before."""
        match event:
            case BackwardStarted():
                for root, seed in zip(event.roots, event.seeds, strict=True):
                    yield f"the seed of {self.alignment.name(trace, root.id)}", seed
            case Plotted():
                for place, series in enumerate(event.series, 1):
                    yield f"series {place} of plt.{event.call}", series
            case _:
                for one in written(trace, at):
                    yield self.alignment.plain(one.name), one.array

    def _facts(self, trace: Trace, event: Event) -> Iterator[tuple[str, Any]]:
        """What an event says beside its arrays; engines name and fuse ops each in their way."""
        same_engine = self.alignment.same_engine
        match event:
            case Forward():
                if same_engine:
                    yield "the op", event.op.name
                    yield "in place", event.in_place
                yield "the node", event.node.name if event.node else None
                yield "requires_grad", tuple([state.requires_grad for state in event.outputs[:1]])
            case TensorCreated() | RequiresGrad():
                yield "requires_grad", event.tensor.requires_grad
            case Visit() | FanIn():
                yield "the node", node_label(trace, event.node)
            case BackwardStarted():
                yield "the roots", tuple([self.alignment.name(trace, root.id) for root in event.roots])
                yield "retain_graph", event.retain_graph
            case BackwardFinished() if same_engine:
                yield "the nodes released", tuple([node_label(trace, node) for node in event.freed])
            case ZeroGrad():
                yield ".grad", "None" if event.grad is None else "a tensor"
            case Update() if same_engine:
                yield "the rule", event.rule
                for name, value in event.used:
                    if not isinstance(value, np.ndarray | TensorState | tuple):
                        yield name, value
            case Clipped():
                yield "the function", event.by
                yield "the limit", event.limit
                yield "the total norm", event.total_norm
            case Printed():
                yield _TEXT, event.text
            case Raised():
                yield "the error", f"{event.error}: {event.message}" if same_engine else event.error
            case Scheduled():
                yield f"{event.option} of group {event.group}", event.after
            case _:
                pass


def _same_text(one: str, other: str) -> bool:
    return _ADDRESS.sub("0x", one) == _ADDRESS.sub("0x", other)


def largest_finite(array: Array) -> float:
    """The largest magnitude among the finite elements, 0 where there is none."""
    return float(np.max(np.abs(array), initial=0.0, where=np.isfinite(array)))


def _array_difference(apart: Apart, one: Array, other: Array) -> Difference:
    if one.shape != other.shape:
        return Difference(f"the shape of {apart.name}", str(list(one.shape)), str(list(other.shape)))
    if one.dtype != other.dtype:
        return Difference(f"the dtype of {apart.name}", one.dtype.name, other.dtype.name)
    return Difference(f"{apart.name} ({number(apart.distance)} apart)", _exact(one), _exact(other))


def _exact(array: Array) -> str:
    """Few elements with all their digits, so that near ones can be told apart; else in brief."""
    if array.size > _WRITTEN_OUT:
        return brief(array)
    return " ".join(np.array2string(array, separator=", ", floatmode="unique").split())


def _told(fact: Any) -> str:
    return "none" if fact is None else str(fact)
