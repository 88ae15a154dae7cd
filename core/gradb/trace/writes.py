"""What an event writes: `writes(event)` lists the cells it changes, each with what the cell holds from then on."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from gradb.trace.events import Accumulate, Clipped, Event, Forward, RequiresGrad, TensorCreated, Update, ZeroGrad

What = Literal["value", "grad", "flags", "optimizer"]


class Cell(NamedTuple):
    """A place that holds something: a tensor's value, its `.grad`, its flags, or its optimizer's state."""

    tensor: int
    what: What = "value"


def writes(event: Event) -> Iterator[tuple[Cell, Any]]:
    """The cells that the event changed, and their content after it.

    A value, a gradient and flags hold a TensorState (None for a `.grad` that was cleared), an optimizer's state the
    pairs of `Update.used`.
    """
    match event:
        case Forward():
            for state in event.outputs:
                yield Cell(state.id, "value"), state
            for state in event.aliases:
                yield Cell(state.id, "value"), state
        case Accumulate():
            yield Cell(event.tensor.id, "grad"), event.grad
            yield Cell(event.grad.id, "value"), event.grad
        case Update():
            yield Cell(event.tensor.id, "value"), event.tensor
            for state in event.aliases:
                yield Cell(state.id, "value"), state
            yield Cell(event.tensor.id, "optimizer"), event.used
        case ZeroGrad():
            yield Cell(event.tensor.id, "grad"), event.grad
            if event.grad is not None:
                yield Cell(event.grad.id, "value"), event.grad
        case Clipped():
            for tensor, grad in zip(event.tensors, event.grads, strict=True):
                yield Cell(tensor.id, "grad"), grad
                yield Cell(grad.id, "value"), grad
            for state in event.aliases:
                yield Cell(state.id, "value"), state
        case TensorCreated():
            yield Cell(event.tensor.id, "value"), event.tensor
        case RequiresGrad():
            yield Cell(event.tensor.id, "flags"), event.tensor
        case _:
            return
