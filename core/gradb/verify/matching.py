"""Comparing one item of two traces: `Matching(ours, theirs).differences(a, b)` gives what differs, field by field."""

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from msgspec import Struct

from gradb.trace.events import (
    Accumulate,
    Array,
    BackwardFinished,
    BackwardStarted,
    Clipped,
    FanIn,
    Forward,
    NodeRef,
    Plotted,
    Printed,
    Raised,
    RequiresGrad,
    Scheduled,
    TensorState,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.trace import Trace
from gradb.verify.sequence import NAME, Inner, Item, is_held
from gradb.verify.slack import Slack
from gradb.verify.text import same_text
from gradb.verify.tolerance import RELATIVE, differences, largest, rounding

_Key = TypeVar("_Key", int, tuple[int, int])


class Difference(Struct, frozen=True):
    """What differs, and both sides of it as text."""

    what: str
    ours: str
    theirs: str


class Matching:
    """Knows which tensor and which node of one trace is which of the other. `near` counts texts that are only near."""

    def __init__(self, ours: Trace, theirs: Trace) -> None:
        self.ours = ours
        self.theirs = theirs
        self.near = 0
        self.slack = Slack(ours)
        self._inner = Inner(ours), Inner(theirs)
        self._tensors: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._nodes: tuple[dict[tuple[int, int], tuple[int, int]], dict[tuple[int, int], tuple[int, int]]] = ({}, {})
        self._at = 0

    def differences(self, ours: Item, theirs: Item) -> Iterator[Difference]:
        """What differs between two items, in the order in which the event has it."""
        if ours.kind != theirs.kind:
            yield Difference("kind", _kind(ours), _kind(theirs))
            return
        self._at = max(ours.number, 1)
        self.slack.follow(self._at + (ours.kind == NAME))
        if ours.kind == NAME:
            if ours.name != theirs.name:
                yield Difference("the variable that was assigned", ours.name, theirs.name)
                return
            a, b = self.ours.state(ours.tensor, ours.number), self.theirs.state(theirs.tensor, theirs.number)
            if a is not None and b is not None:
                yield from self._state(ours.name, a, b, a)
            return
        mine, other = self.ours.events[ours.number - 1], self.theirs.events[theirs.number - 1]
        yield from self._plain("line", mine.line, other.line)
        yield from self._fields(mine, other, theirs.number)

    def _fields(self, a: Any, b: Any, number: int) -> Iterator[Difference]:
        event = a
        match a:
            case RequiresGrad():
                yield from self._state("tensor", a.tensor, b.tensor, event)
            case Forward():
                yield from self._node("node", a.node, b.node)
                yield from self._inputs(a, b)
                if b.in_place and not a.in_place and not is_held(self.theirs, b.outputs[0].id, number):
                    self._tensors[1].pop(b.outputs[0].id, None)  # torch reuses the memory of what nobody holds
                else:
                    yield from self._plain("in place", a.in_place, b.in_place)
                yield from self._plain("grad mode", a.grad_mode, b.grad_mode)
                # torch's ops may have more outputs, which it keeps for the gradient
                for i, (mine, other) in enumerate(zip(a.outputs, b.outputs, strict=False)):
                    yield from self._state(f"output {i + 1}" if len(a.outputs) > 1 else "output", mine, other, event)
            case BackwardStarted():
                yield from self._states("root", a.roots, b.roots, event)
                yield from self._arrays("seed", a.seeds, b.seeds, event)
                yield from self._plain("retain_graph", a.retain_graph, b.retain_graph)
            case BackwardFinished():
                mine, other = _released(a, self._inner[0]), _released(b, self._inner[1])
                yield from self._plain("nodes released", [n.name for n in mine], [n.name for n in other])
                for node, same in zip(mine, other, strict=False):
                    yield from self._node("node released", node, same)
            case Visit():
                yield from self._node("node", a.node, b.node)
                yield from self._arrays("incoming gradient", a.incoming, b.incoming, event)
                yield from self._arrays("outgoing gradient", a.outgoing, b.outgoing, event)
            case FanIn():
                yield from self._node("node", a.node, b.node)
                yield from self._node("source", a.source, b.source)
                yield from self._plain("output number", a.output_nr, b.output_nr)
                yield from self._array("contribution", a.contribution, b.contribution, event)
                yield from self._array("sum", a.total, b.total, event)
            case Accumulate():
                yield from self._state("tensor", a.tensor, b.tensor, event)
                yield from self._array("contribution", a.contribution, b.contribution, event)
                yield from self._array(".grad before", a.before, b.before, event)
                yield from self._state(".grad", a.grad, b.grad, event)
            case ZeroGrad():
                yield from self._state("tensor", a.tensor, b.tensor, event)
                yield from self._array(".grad before", a.before, b.before, event)
                yield from self._optional(".grad", a.grad, b.grad, event)
            case Update():
                yield from self._array("before", a.before, b.before, event)
                yield from self._state("tensor", a.tensor, b.tensor, event)
            case Clipped():
                yield from self._plain("function", a.by, b.by)
                yield from self._numbers("limit", a.limit, b.limit)
                yield from self._numbers("total norm", a.total_norm, b.total_norm)
                yield from self._numbers("coefficient", a.coefficient, b.coefficient)
                yield from self._states("tensor", a.tensors, b.tensors, event)
                yield from self._arrays(".grad before", a.before, b.before, event)
                yield from self._states(".grad", a.grads, b.grads, event)
            case Scheduled():
                yield from self._plain("scheduler", a.by, b.by)
                yield from self._plain("option", (a.group, a.option), (b.group, b.option))
                yield from self._numbers("before", a.before, b.before)
                yield from self._numbers("after", a.after, b.after)
            case Printed():
                same = same_text(a.text, b.text, self._step())
                self.near += same is None
                if same is False:
                    yield Difference("printed text", a.text, b.text)
            case Plotted():
                yield from self._plain("call", a.call, b.call)
                yield from self._plain("options", a.options, b.options)
                yield from self._arrays("series", a.series, b.series, event)
            case Raised():
                yield from self._plain("error", a.error, b.error)
            case _:
                pass

    # --- parts of events

    def _state(self, what: str, a: TensorState, b: TensorState, event: Any) -> Iterator[Difference]:
        if not _same(self._tensors, a.id, b.id):
            other = self._tensors[0].get(a.id)
            yield Difference(
                f"{what}: which tensor it is",
                self.ours.name(a.id),
                f"{self.theirs.name(b.id)}, though {self.ours.name(a.id)} was {self.theirs.name(other)} before"
                if other
                else f"{self.theirs.name(b.id)}, which was another tensor before",
            )
        yield from self._array(what, a.array, b.array, event)
        yield from self._plain(f"{what}.requires_grad", a.requires_grad, b.requires_grad)
        yield from self._node(f"{what}.grad_fn", a.grad_fn, b.grad_fn)
        if a.grad_fn is not None:
            yield from self._plain(f"{what}.output_nr", a.output_nr, b.output_nr)

    def _states(self, what: str, a: Any, b: Any, event: Any) -> Iterator[Difference]:
        yield from self._plain(f"number of {what}s", len(a), len(b))
        for i, (mine, other) in enumerate(zip(a, b, strict=False)):
            yield from self._state(what if len(a) == 1 else f"{what} {i + 1}", mine, other, event)

    def _optional(self, what: str, a: TensorState | None, b: TensorState | None, event: Any) -> Iterator[Difference]:
        if a is None or b is None:
            yield from self._plain(what, a and "a tensor", b and "a tensor")
        else:
            yield from self._state(what, a, b, event)

    def _node(self, what: str, a: NodeRef | None, b: NodeRef | None) -> Iterator[Difference]:
        mine, other = self._inner
        if a is not None and b is not None and mine.is_inner(a) and other.is_inner(b):
            return
        if a is None or b is None or a.name != b.name:
            yield from self._plain(what, a and a.name, b and b.name)
        elif a.tensor or b.tensor:
            if not _same(self._tensors, a.tensor, b.tensor):
                yield Difference(what, self._leaf(self.ours, a), self._leaf(self.theirs, b))
        elif not _same(self._nodes, _number(a), _number(b)):
            yield Difference(f"{what}: which {a.name} it is", _place(self.ours, a), _place(self.theirs, b))

    def _leaf(self, trace: Trace, node: NodeRef) -> str:
        return f"{node.name}({trace.name(node.tensor)})"

    def _inputs(self, a: Forward, b: Forward) -> Iterator[Difference]:
        """Which tensors that require grad went in, as far as both are known."""
        forth, back = self._tensors
        mine = sorted([forth[s.id] for s in _operands(a.inputs) if s.requires_grad and s.id in forth])
        other = sorted([s.id for s in _operands(b.inputs) if s.requires_grad and s.id in back])
        if a.node is not None and mine != other:
            yield Difference(
                "inputs that require grad",
                ", ".join([self.ours.name(s.id) for s in _operands(a.inputs) if s.requires_grad]) or "none",
                ", ".join([self.theirs.name(s.id) for s in _operands(b.inputs) if s.requires_grad]) or "none",
            )

    def _plain(self, what: str, a: Any, b: Any) -> Iterator[Difference]:
        if a != b:
            yield Difference(what, str(a), str(b))

    def _numbers(self, what: str, a: float | None, b: float | None) -> Iterator[Difference]:
        if a is None or b is None:
            yield from self._plain(what, a, b)
        elif abs(a - b) > RELATIVE["float32"] * max(self._step(), 1) ** 0.5 * max(abs(a), abs(b)):
            yield Difference(what, repr(a), repr(b))

    def _arrays(self, what: str, a: Any, b: Any, event: Any) -> Iterator[Difference]:
        """Arrays in order; one that is missing at the end counts as None."""
        for i in range(max(len(a), len(b))):
            mine, other = (a[i] if i < len(a) else None), (b[i] if i < len(b) else None)
            yield from self._array(what if len(a) == 1 else f"{what} {i + 1}", mine, other, event)

    def _array(self, what: str, a: Array | None, b: Array | None, event: Any) -> Iterator[Difference]:
        if a is None or b is None:
            if a is not None or b is not None:
                yield Difference(what, _shown(a), _shown(b))
        elif a.shape != b.shape:
            yield Difference(f"shape of the {what}", str(a.shape), str(b.shape))
        elif a.dtype != b.dtype:
            yield Difference(f"dtype of the {what}", a.dtype.name, b.dtype.name)
        else:
            apart = differences(a, b)
            worst = float(apart.max()) if apart.size else 0.0
            near = worst <= rounding(a.dtype.name, a.size, largest(b))
            if not near and (apart > self.slack.allowed(event, a)).any():
                yield Difference(f"{what} (apart by {worst:.3g})", _shown(a), _shown(b))
            self.slack.note(a, worst, event)

    def _step(self) -> int:
        return self.ours.step_of(self._at) if len(self.ours) else 1


def _operands(inputs: Any) -> Iterator[TensorState]:
    for value in inputs:
        if isinstance(value, TensorState):
            yield value
        elif isinstance(value, tuple):
            yield from _operands(value)


def _number(node: NodeRef) -> tuple[int, int]:
    """A node's number; a captured one is another node at each call."""
    return node.id, node.call


def _released(event: BackwardFinished, inner: Inner) -> list[NodeRef]:
    """Without CopySlices, because torch does not show what that saves, and without nodes made in a backward."""
    return [node for node in event.freed if node.name != "CopySlices" and not inner.is_inner(node)]


def _same(known: tuple[dict[_Key, _Key], dict[_Key, _Key]], a: _Key, b: _Key) -> bool:
    """Whether a and b stand for each other, which they do from their first meeting on."""
    forth, back = known
    if b not in back and forth.get(a) not in back:
        forth[a], back[b] = b, a
        return True
    return forth.get(a) == b and back.get(b) == a


def _kind(item: Item) -> str:
    return f"the variable {item.name} is assigned" if item.kind == NAME else item.kind


def _place(trace: Trace, node: NodeRef) -> str:
    return trace.address(node.forward) if node.forward else "one from before the recording"


def _shown(array: Array | None) -> str:
    return "None" if array is None else np.array2string(array, precision=9, threshold=20, edgeitems=3)
