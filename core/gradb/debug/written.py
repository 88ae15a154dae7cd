"""The arrays that an event wrote or sent: `written(trace, at)`, each with the name a reader knows it by."""

from collections.abc import Iterator
from typing import NamedTuple

from gradb.debug.passes import edge_targets
from gradb.trace.events import (
    Accumulate,
    Array,
    Clipped,
    FanIn,
    Forward,
    NodeRef,
    TensorCreated,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.trace import Trace


class Written(NamedTuple):
    """An array, its name, whether it is a gradient, and what stood there before where an update replaced it."""

    name: str
    array: Array
    is_gradient: bool
    before: Array | None = None


def written(trace: Trace, at: int) -> Iterator[Written]:
    """What the event at a moment wrote into tensors and gradients, or sent along the graph; nothing else."""
    event = trace.events[at - 1]
    match event:
        case Forward():
            for state in event.outputs:
                yield Written(trace.name(state.id), state.array, False)
        case TensorCreated(tensor=state):
            yield Written(trace.name(state.id), state.array, False)
        case Update(tensor=state):
            yield Written(trace.name(state.id), state.array, False, event.before)
        case Accumulate(tensor=state):
            yield Written(f"{trace.name(state.id)}.grad", event.grad.array, True)
        case ZeroGrad(tensor=state):
            if event.grad is not None:
                yield Written(f"{trace.name(state.id)}.grad", event.grad.array, True)
        case Clipped():
            for state, grad in zip(event.tensors, event.grads, strict=True):
                yield Written(f"{trace.name(state.id)}.grad", grad.array, True)
        case Visit():
            if not event.node.tensor:
                yield from _sent(trace, event)
        case FanIn():
            yield Written(gradient_name(trace, event.node, event.output_nr), event.total, True)
        case _:
            return


def gradient_name(trace: Trace, node: NodeRef, output_nr: int = 0) -> str:
    """What the gradient at a node is called: `∂L/∂y`."""
    forward = trace.events[node.forward - 1] if node.forward else None
    if node.tensor:
        return f"∂L/∂{trace.name(node.tensor)}"
    if isinstance(forward, Forward):
        return f"∂L/∂{trace.name(forward.outputs[min(output_nr, len(forward.outputs) - 1)].id)}"
    return f"the gradient at {node.name}"


def _sent(trace: Trace, visit: Visit) -> Iterator[Written]:
    edges = edge_targets(trace, visit.node)
    for place, gradient in enumerate(visit.outgoing):
        if gradient is not None:
            state = edges[place][1] if place < len(edges) else None
            name = visit.node.name if state is None else f"∂L/∂{trace.name(state.id)}"
            yield Written(name, gradient, True)
