"""Under what an event is found: its cells, nodes, owners, names and loss, each as a plain function of the event."""

from collections.abc import Iterator, Mapping

from gradb.trace.events import (
    Accumulate,
    BackwardFinished,
    BackwardStarted,
    Clipped,
    Event,
    FanIn,
    Forward,
    NodeRef,
    Raised,
    Visit,
    ZeroGrad,
)
from gradb.trace.writes import Cell, writes


def owners_of(event: Event) -> Iterator[tuple[int, int]]:
    """Each tensor that is from now on some leaf's `.grad`, and that leaf, by id."""
    match event:
        case Accumulate():
            yield event.grad.id, event.tensor.id
        case ZeroGrad() if event.grad is not None:
            yield event.grad.id, event.tensor.id
        case Clipped():
            for tensor, grad in zip(event.tensors, event.grads, strict=True):
                yield grad.id, tensor.id
        case _:
            return


def cells_of(event: Event, owners: Mapping[int, int]) -> Iterator[Cell]:
    """The cells that the event wrote; an op that writes in place into the tensor in a `.grad` writes that `.grad`."""
    for cell, _ in writes(event):
        yield cell
        if isinstance(event, Forward) and cell.tensor in owners:
            yield Cell(owners[cell.tensor], "grad")


def nodes_of(event: Event) -> Iterator[tuple[int, str]]:
    """Each node that the event is about, and how: `visit`, `fan_in` or `freed`. Ops of captured graphs: 0, `captured`.

    A node that was captured is found by its key, which holds for one call, and by its id, which holds for all.
    """
    match event:
        case Visit():
            yield from _keys(event.node, "visit")
        case FanIn():
            yield from _keys(event.node, "fan_in")
        case BackwardFinished():
            for node in event.freed:
                yield from _keys(node, "freed")
        case Forward() if event.run:
            yield 0, "captured"
        case _:
            return


def _keys(node: NodeRef, how: str) -> Iterator[tuple[int, str]]:
    yield node.id, how
    if node.call or node.tensor:
        yield node.key, how


def loss_of(event: Event) -> float | None:
    """The value of a backward's first root where that has one element."""
    if isinstance(event, BackwardStarted) and event.roots and event.roots[0].array.size == 1:
        return float(event.roots[0].array.reshape(())[()])
    return None


def words_of(event: Event) -> tuple[str, str]:
    """What a search finds an event by beside its kind: an op's or error's name, and a node's; empty for none."""
    match event:
        case Forward():
            return event.op.name, "" if event.node is None else event.node.name
        case Visit() | FanIn():
            return "", event.node.name
        case Raised():
            return event.error, ""
        case _:
            return "", ""
