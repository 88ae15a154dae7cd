"""What of a trace is compared: `sequence(trace)` lists events and names, `left_out` counts what it leaves out.

Left out is what two engines may do differently without a difference in what the program does:
- how a tensor came to be, and an op that makes no node: their results are compared where a variable holds them;
- an op without a node that writes into a tensor that no variable holds and that is no leaf's `.grad`;
- the ops that compute gradients under `create_graph`, and their nodes in later walks: each engine computes a gradient
  by ops of its own. Of a walk through such nodes, what leads to other nodes is compared, but not how gradients met.
"""

from collections import Counter

from msgspec import Struct

from gradb.trace.events import BackwardFinished, BackwardStarted, FanIn, Forward, NodeRef, TensorCreated, Visit
from gradb.trace.trace import Trace

NAME = "name"


class Item(Struct, frozen=True, gc=False):
    """An event, by its number, or a variable that holds another tensor since that event."""

    kind: str
    number: int
    name: str = ""
    tensor: int = 0


def sequence(trace: Trace) -> list[Item]:
    """Events and names in order. Names that became known between two events are sorted."""
    names: list[Item] = []
    for name, held in trace.bindings.items():
        names.extend([Item(NAME, n, name, tensor) for n, tensor in zip(held.since, held.ids, strict=True)])
    names.sort(key=lambda item: item.number)
    inner = Inner(trace)
    found: list[Item] = []
    waiting: list[Item] = []
    place = 0
    for number in range(1, len(trace) + 1):
        while place < len(names) and names[place].number < number:
            waiting.append(names[place])
            place += 1
        if is_compared(trace, number, inner):
            found.extend(sorted(waiting, key=lambda item: item.name))
            waiting.clear()
            found.append(Item(trace.events[number - 1].kind, number))
    found.extend(sorted([*waiting, *names[place:]], key=lambda item: item.name))
    return found


class Inner:
    """What a trace has of gradients of gradients: nodes that were made in a backward, and the walks through them."""

    def __init__(self, trace: Trace) -> None:
        self.nodes: set[int] = set()
        self.events: set[int] = set()  # forward ops that run in a walk
        self.mixed: set[int] = set()  # events of walks that visit nodes made in a walk
        starts: list[int] = []
        for number, event in enumerate(trace.events, 1):
            if isinstance(event, BackwardStarted):
                starts.append(number)
            elif isinstance(event, BackwardFinished) and starts:
                start = starts.pop()
                span = range(start, number + 1)
                if any(self.is_inner(e.node) for n in span if isinstance(e := trace.events[n - 1], Visit)):
                    self.mixed.update(span)
            elif isinstance(event, Forward) and starts and event.node is not None:
                self.nodes.add(event.node.id)
                self.events.add(number)

    def is_inner(self, node: NodeRef) -> bool:
        """Whether the node was made in a backward, or nobody told by what."""
        return not node.tensor and (node.id in self.nodes or not node.forward)


def is_compared(trace: Trace, number: int, inner: Inner) -> bool:
    """Whether an event is compared as an event."""
    event = trace.events[number - 1]
    if isinstance(event, TensorCreated):
        return False
    if isinstance(event, FanIn):
        return number not in inner.mixed
    if isinstance(event, Visit):
        return not inner.is_inner(event.node)
    if not isinstance(event, Forward):
        return True
    if event.node is not None:
        return number not in inner.events
    written = event.outputs[0].id if event.in_place else 0
    return is_held(trace, written, number) or trace.name(written).endswith(".grad")


def is_held(trace: Trace, tensor: int, number: int) -> bool:
    """Whether a variable held the tensor before an event."""
    name = trace.names.get(tensor)
    if name is None:
        return False
    held = trace.bindings[name]
    return any(n < number for n, one in zip(held.since, held.ids, strict=True) if one == tensor)


def left_out(trace: Trace) -> Counter[str]:
    """How many events of each kind are not compared."""
    inner = Inner(trace)
    return Counter(
        trace.events[number - 1].kind for number in range(1, len(trace) + 1) if not is_compared(trace, number, inner)
    )
