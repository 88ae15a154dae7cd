"""Where in a recording something happened, for messages: `saved_at(trace, node)`, `changed_at(trace, tensor_id)`."""

from typing import TYPE_CHECKING

from gradb.trace.events import Forward, NodeRef
from gradb.trace.writes import Cell

if TYPE_CHECKING:
    from gradb.trace.trace import Trace


def place(trace: "Trace", number: int) -> str:
    """An event as `line 5, step1/forward/4`."""
    return f"line {trace.events[number - 1].line}, {trace.address(number)}"


def saved_at(trace: "Trace", node: NodeRef) -> str:
    """Where the op ran that made a node and saved its tensors, empty where that was not recorded."""
    return place(trace, node.forward) if node.forward else ""


def changed_at(trace: "Trace", tensor_id: int) -> str:
    """Where a tensor was written last, empty where that was not recorded."""
    number = trace.last_write(Cell(tensor_id), len(trace))
    return place(trace, number) if number is not None else ""


def released_at(trace: "Trace", node: NodeRef) -> str:
    """Where a backward let a node's saved tensors go, empty where that was not recorded."""
    freed = trace.find(node.key, "freed")
    return place(trace, freed[-1]) if freed else ""


def result_of(trace: "Trace", node: NodeRef) -> int:
    """The id of the first tensor that a node's op made, 0 where that was not recorded."""
    if not node.forward:
        return 0
    event = trace.events[node.forward - 1]
    return event.outputs[0].id if isinstance(event, Forward) else 0
