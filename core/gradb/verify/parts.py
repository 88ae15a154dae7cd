"""The parts that events are compared by: tensors, nodes, arrays, numbers. `Parts` is what `Matching` is built on."""

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from msgspec import Struct

from gradb.trace.events import Array, Forward, NodeRef, TensorState
from gradb.trace.trace import Trace
from gradb.verify.sequence import Inner
from gradb.verify.slack import Slack
from gradb.verify.tolerance import RELATIVE, differences, largest, rounding

_Key = TypeVar("_Key", int, tuple[int, int])
_Pairs = tuple[dict[_Key, _Key], dict[_Key, _Key]]


class Difference(Struct, frozen=True):
    """What differs, and both sides of it as text."""

    what: str
    ours: str
    theirs: str


class Parts:
    """Knows which tensor and which node of one trace is which of the other, from their first meeting on."""

    def __init__(self, ours: Trace, theirs: Trace) -> None:
        self.ours = ours
        self.theirs = theirs
        self.slack = Slack(ours)
        self.inner = Inner(ours), Inner(theirs)
        self.at = 0  # the event of ours that is compared
        self._tensors: _Pairs[int] = ({}, {})
        self._nodes: _Pairs[tuple[int, int]] = ({}, {})

    def forget(self, tensor: int) -> None:
        """A tensor of theirs is another one from now on."""
        self._tensors[1].pop(tensor, None)

    def state(self, what: str, a: TensorState, b: TensorState, event: Any) -> Iterator[Difference]:
        if not _same(self._tensors, a.id, b.id):
            other = self._tensors[0].get(a.id)
            yield Difference(
                f"{what}: which tensor it is",
                self.ours.name(a.id),
                f"{self.theirs.name(b.id)}, though {self.ours.name(a.id)} was {self.theirs.name(other)} before"
                if other
                else f"{self.theirs.name(b.id)}, which was another tensor before",
            )
        yield from self.array(what, a.array, b.array, event)
        yield from self.plain(f"{what}.requires_grad", a.requires_grad, b.requires_grad)
        yield from self.node(f"{what}.grad_fn", a.grad_fn, b.grad_fn)
        if a.grad_fn is not None:
            yield from self.plain(f"{what}.output_nr", a.output_nr, b.output_nr)

    def states(self, what: str, a: Any, b: Any, event: Any) -> Iterator[Difference]:
        yield from self.plain(f"number of {what}s", len(a), len(b))
        for i, (mine, other) in enumerate(zip(a, b, strict=False)):
            yield from self.state(what if len(a) == 1 else f"{what} {i + 1}", mine, other, event)

    def optional(self, what: str, a: TensorState | None, b: TensorState | None, event: Any) -> Iterator[Difference]:
        if a is None or b is None:
            yield from self.plain(what, a and "a tensor", b and "a tensor")
        else:
            yield from self.state(what, a, b, event)

    def node(self, what: str, a: NodeRef | None, b: NodeRef | None) -> Iterator[Difference]:
        mine, other = self.inner
        if a is not None and b is not None and mine.is_inner(a) and other.is_inner(b):
            return
        if a is None or b is None or a.name != b.name:
            yield from self.plain(what, a and a.name, b and b.name)
        elif a.tensor or b.tensor:
            if not _same(self._tensors, a.tensor, b.tensor):
                yield Difference(what, _leaf(self.ours, a), _leaf(self.theirs, b))
        elif not _same(self._nodes, _number(a), _number(b)):
            yield Difference(f"{what}: which {a.name} it is", _place(self.ours, a), _place(self.theirs, b))

    def inputs(self, a: Forward, b: Forward) -> Iterator[Difference]:
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

    def plain(self, what: str, a: Any, b: Any) -> Iterator[Difference]:
        if a != b:
            yield Difference(what, str(a), str(b))

    def numbers(self, what: str, a: float | None, b: float | None) -> Iterator[Difference]:
        if a is None or b is None:
            yield from self.plain(what, a, b)
        elif abs(a - b) > RELATIVE["float32"] * max(self.step(), 1) ** 0.5 * max(abs(a), abs(b)):
            yield Difference(what, repr(a), repr(b))

    def arrays(self, what: str, a: Any, b: Any, event: Any) -> Iterator[Difference]:
        """Arrays in order; one that is missing at the end counts as None."""
        for i in range(max(len(a), len(b))):
            mine, other = (a[i] if i < len(a) else None), (b[i] if i < len(b) else None)
            yield from self.array(what if len(a) == 1 else f"{what} {i + 1}", mine, other, event)

    def array(self, what: str, a: Array | None, b: Array | None, event: Any) -> Iterator[Difference]:
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

    def step(self) -> int:
        return self.ours.step_of(self.at) if len(self.ours) else 1


def _operands(inputs: Any) -> Iterator[TensorState]:
    for value in inputs:
        if isinstance(value, TensorState):
            yield value
        elif isinstance(value, tuple):
            yield from _operands(value)


def _same(known: _Pairs[_Key], a: _Key, b: _Key) -> bool:
    """Whether a and b stand for each other, which they do from their first meeting on."""
    forth, back = known
    if b not in back and forth.get(a) not in back:
        forth[a], back[b] = b, a
        return True
    return forth.get(a) == b and back.get(b) == a


def _number(node: NodeRef) -> tuple[int, int]:
    """A node's number; a captured one is another node at each call."""
    return node.id, node.call


def _place(trace: Trace, node: NodeRef) -> str:
    return trace.address(node.forward) if node.forward else "one from before the recording"


def _shown(array: Array | None) -> str:
    return "None" if array is None else np.array2string(array, precision=9, threshold=20, edgeitems=3)


def _leaf(trace: Trace, node: NodeRef) -> str:
    return f"{node.name}({trace.name(node.tensor)})"
