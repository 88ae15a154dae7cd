"""Comparing one item of two traces: `Matching(ours, theirs).differences(a, b)` gives what differs, field by field."""

from collections.abc import Iterator
from typing import Any

from gradb.trace.events import (
    Accumulate,
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
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.trace import Trace
from gradb.verify.parts import Difference, Parts
from gradb.verify.sequence import NAME, Inner, Item, is_held
from gradb.verify.text import same_text


class Matching(Parts):
    """Compares items in their order. `near` counts the printed texts that are only near."""

    def __init__(self, ours: Trace, theirs: Trace) -> None:
        super().__init__(ours, theirs)
        self.near = 0

    def differences(self, ours: Item, theirs: Item) -> Iterator[Difference]:
        """What differs between two items, in the order in which the event has it."""
        if ours.kind != theirs.kind:
            yield Difference("kind", _kind(ours), _kind(theirs))
            return
        self.at = max(ours.number, 1)
        self.slack.follow(self.at + (ours.kind == NAME))
        if ours.kind == NAME:
            if ours.name != theirs.name:
                yield Difference("the variable that was assigned", ours.name, theirs.name)
                return
            a, b = self.ours.state(ours.tensor, ours.number), self.theirs.state(theirs.tensor, theirs.number)
            if a is not None and b is not None:
                yield from self.state(ours.name, a, b, a)
            return
        mine, other = self.ours.events[ours.number - 1], self.theirs.events[theirs.number - 1]
        yield from self.plain("line", mine.line, other.line)
        yield from self._fields(mine, other, theirs.number)

    def _fields(self, a: Any, b: Any, number: int) -> Iterator[Difference]:
        event = a
        match a:
            case RequiresGrad():
                yield from self.state("tensor", a.tensor, b.tensor, event)
            case Forward():
                yield from self.node("node", a.node, b.node)
                yield from self.inputs(a, b)
                if b.in_place and not a.in_place and not is_held(self.theirs, b.outputs[0].id, number):
                    self.forget(b.outputs[0].id)  # torch reuses the memory of what nobody holds
                else:
                    yield from self.plain("in place", a.in_place, b.in_place)
                yield from self.plain("grad mode", a.grad_mode, b.grad_mode)
                yield from self.plain("module", a.module, b.module)
                # torch's ops may have more outputs, which it keeps for the gradient
                for i, (mine, other) in enumerate(zip(a.outputs, b.outputs, strict=False)):
                    yield from self.state(f"output {i + 1}" if len(a.outputs) > 1 else "output", mine, other, event)
            case BackwardStarted():
                yield from self.states("root", a.roots, b.roots, event)
                yield from self.arrays("seed", a.seeds, b.seeds, event)
                yield from self.plain("retain_graph", a.retain_graph, b.retain_graph)
            case BackwardFinished():
                mine, other = _released(a, self.inner[0]), _released(b, self.inner[1])
                yield from self.plain("nodes released", [n.name for n in mine], [n.name for n in other])
                for node, same in zip(mine, other, strict=False):
                    yield from self.node("node released", node, same)
            case Visit():
                yield from self.node("node", a.node, b.node)
                yield from self.arrays("incoming gradient", a.incoming, b.incoming, event)
                yield from self.arrays("outgoing gradient", a.outgoing, b.outgoing, event)
            case FanIn():
                yield from self.node("node", a.node, b.node)
                yield from self.node("source", a.source, b.source)
                yield from self.plain("output number", a.output_nr, b.output_nr)
                yield from self.array("contribution", a.contribution, b.contribution, event)
                yield from self.array("sum", a.total, b.total, event)
            case Accumulate():
                yield from self.state("tensor", a.tensor, b.tensor, event)
                yield from self.array("contribution", a.contribution, b.contribution, event)
                yield from self.array(".grad before", a.before, b.before, event)
                yield from self.state(".grad", a.grad, b.grad, event)
            case ZeroGrad():
                yield from self.state("tensor", a.tensor, b.tensor, event)
                yield from self.array(".grad before", a.before, b.before, event)
                yield from self.optional(".grad", a.grad, b.grad, event)
            case Update():
                yield from self.array("before", a.before, b.before, event)
                yield from self.state("tensor", a.tensor, b.tensor, event)
            case Clipped():
                yield from self.plain("function", a.by, b.by)
                yield from self.numbers("limit", a.limit, b.limit)
                yield from self.numbers("total norm", a.total_norm, b.total_norm)
                yield from self.numbers("coefficient", a.coefficient, b.coefficient)
                yield from self.states("tensor", a.tensors, b.tensors, event)
                yield from self.arrays(".grad before", a.before, b.before, event)
                yield from self.states(".grad", a.grads, b.grads, event)
            case Scheduled():
                yield from self.plain("scheduler", a.by, b.by)
                yield from self.plain("option", (a.group, a.option), (b.group, b.option))
                yield from self.numbers("before", a.before, b.before)
                yield from self.numbers("after", a.after, b.after)
            case Printed():
                same = same_text(a.text, b.text, self.step())
                self.near += same is None
                if same is False:
                    yield Difference("printed text", a.text, b.text)
            case Plotted():
                yield from self.plain("call", a.call, b.call)
                yield from self.plain("options", a.options, b.options)
                yield from self.arrays("series", a.series, b.series, event)
            case Raised():
                yield from self.plain("error", a.error, b.error)
            case _:
                pass


def _released(event: BackwardFinished, inner: Inner) -> list[NodeRef]:
    """Without CopySlices, because torch does not show what that saves, and without nodes made in a backward."""
    return [node for node in event.freed if node.name != "CopySlices" and not inner.is_inner(node)]


def _kind(item: Item) -> str:
    return f"the variable {item.name} is assigned" if item.kind == NAME else item.kind
