"""What of a trace is compared with another: `sequence(trace)` lists its events and names, `left_out` what it leaves out.

Left out is what two engines may do differently without a difference in what the program does:
- how a tensor came to be, and an op that makes no node: their results are compared where a variable holds them;
- an op without a node that writes into a tensor that no variable holds and that is no leaf's `.grad`.
"""

from collections import Counter

from msgspec import Struct

from gradb.trace.events import Forward, TensorCreated
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
    found: list[Item] = []
    waiting: list[Item] = []
    place = 0
    for number in range(1, len(trace) + 1):
        while place < len(names) and names[place].number < number:
            waiting.append(names[place])
            place += 1
        if is_compared(trace, number):
            found.extend(sorted(waiting, key=lambda item: item.name))
            waiting.clear()
            found.append(Item(trace.events[number - 1].kind, number))
    found.extend(sorted([*waiting, *names[place:]], key=lambda item: item.name))
    return found


def is_compared(trace: Trace, number: int) -> bool:
    """Whether an event is compared as an event."""
    event = trace.events[number - 1]
    if isinstance(event, TensorCreated):
        return False
    if not isinstance(event, Forward) or event.node is not None:
        return True
    written = event.outputs[0].id if event.in_place else 0
    return written in trace.names or trace.name(written).endswith(".grad")


def left_out(trace: Trace) -> Counter[str]:
    """How many events of each kind are not compared."""
    return Counter(
        trace.events[number - 1].kind for number in range(1, len(trace) + 1) if not is_compared(trace, number)
    )
