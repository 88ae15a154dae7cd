"""What an event touches in a graph: `flow_of` gives the node, and the edges along which values or gradients go."""

from collections.abc import Sequence

from gradb.trace.events import (
    Accumulate,
    BackwardStarted,
    Event,
    FanIn,
    Forward,
    NodeRef,
    RequiresGrad,
    TensorCreated,
    Update,
    Visit,
    ZeroGrad,
)
from gradb.trace.graph import NO_FLOW, Flow, Graph


def flow_of(graph: Graph, event: Event) -> Flow:
    """The node and the edges that an event touches."""
    match event:
        case Forward(node=NodeRef() as ref):
            key = graph.key(ref)
            node = graph.by_key.get(key)
            return NO_FLOW if node is None else Flow(key, tuple((i, key) for i in dict.fromkeys(node.inputs)))
        case Visit(node=ref, outgoing=outgoing):
            return _visit_flow(graph, ref, outgoing)
        case FanIn(node=ref, source=source):
            key = graph.key(ref)
            return Flow(key, ((graph.key(source), key),)) if key in graph.by_key else NO_FLOW
        case BackwardStarted(roots=roots):
            return Flow(next((k for k in map(graph.key_of, roots) if k in graph.by_key), None), ())
        case Accumulate(tensor=state) | Update(tensor=state) | ZeroGrad(tensor=state):
            return Flow(graph.key_of(state) if graph.key_of(state) in graph.by_key else None, ())
        case TensorCreated(tensor=state) | RequiresGrad(tensor=state):
            return Flow(-state.id if -state.id in graph.by_key else None, ())
        case _:
            return NO_FLOW


def _visit_flow(graph: Graph, ref: NodeRef, outgoing: Sequence[object]) -> Flow:
    key = graph.key(ref)
    node = graph.by_key.get(key)
    if node is None:
        return NO_FLOW
    if ref.tensor:
        return Flow(key, tuple((consumer, key) for consumer in graph.consumers.get(key, ())))
    flowing = [i for i, gradient in zip(node.inputs, outgoing, strict=False) if gradient is not None]
    return Flow(key, tuple((key, i) for i in dict.fromkeys(flowing or node.inputs) if _takes_gradient(graph, i)))


def _takes_gradient(graph: Graph, key: int) -> bool:
    node = graph.by_key.get(key)
    return node is not None and node.role != "constant"
