"""The values of the tensors of a selection: `held(...)` those at its moment, `changes(...)` all within its events."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from gradb.export.selection import Selection
from gradb.export.selection_events import numbered
from gradb.export.selection_tensors import Tensors
from gradb.trace.events import (
    Accumulate,
    Array,
    Clipped,
    Event,
    Forward,
    TensorCreated,
    TensorState,
    Update,
    ZeroGrad,
)
from gradb.trace.writes import Cell

if TYPE_CHECKING:
    from gradb.trace.trace import Trace


class Value(NamedTuple):
    """What a tensor holds: its name (`w.grad` for a gradient), the event that wrote it, and the array."""

    name: str
    written: int
    array: Array


def held(trace: "Trace", tensors: Tensors, at: int) -> Iterator[Value]:
    """The values and gradients that the variables hold at a moment, each tensor once, by the variable's name."""
    for name, tensor_id in _variables(trace, tensors, at).items():
        state = trace.state(tensor_id, at)
        if state is not None and tensors.label(tensor_id) is not None:
            yield Value(name, trace.last_write(Cell(tensor_id), at) or at, state.array)
        grad = trace.grad_state(tensor_id, at)
        if grad is not None and tensors.grad_label(tensor_id) is not None:
            yield Value(f"{name}.grad", trace.last_write(Cell(tensor_id, "grad"), at) or at, grad.array)


def changes(trace: "Trace", selection: Selection) -> Iterator[Value]:
    """Every value and gradient that the tensors have within the events: first those that they have at the beginning,
    then each that is written, in order. A second tensor of the same name in one event is called `w (2)`.
    """
    tensors = selection.tensors
    before = selection.numbers.start - 1
    if before:
        yield from held(trace, tensors, before)
    owners = _owners(trace, tensors, before)
    for number, event in numbered(trace, selection.numbers):
        seen: Counter[str] = Counter()
        for name, array in written(event, tensors, owners):
            seen[name] += 1
            yield Value(name if seen[name] == 1 else f"{name} ({seen[name]})", number, array)


def written(event: Event, tensors: Tensors, owners: dict[int, int]) -> Iterator[tuple[str, Array]]:
    """The names and new arrays of the tensors that an event writes.

    `owners` has, by the id of each tensor that was seen in a `.grad`, whose gradient it is; it is kept up to date.
    """
    states: tuple[TensorState, ...] = ()
    match event:
        case TensorCreated():
            states = (event.tensor,)
        case Forward():
            states = event.outputs + event.aliases
        case Update():
            states = (event.tensor, *event.aliases)
        case Accumulate() | ZeroGrad(grad=TensorState()):
            yield from _gradient(event.tensor.id, event.grad, tensors, owners)
        case Clipped():
            for tensor, grad in zip(event.tensors, event.grads, strict=True):
                yield from _gradient(tensor.id, grad, tensors, owners)
            states = event.aliases
        case _:
            return
    for state in states:
        owner = owners.get(state.id)
        name = tensors.label(state.id) if owner is None else tensors.grad_label(owner)
        if name is not None:
            yield name, state.array


def _gradient(
    owner: int, grad: TensorState | None, tensors: Tensors, owners: dict[int, int]
) -> Iterator[tuple[str, Array]]:
    name = tensors.grad_label(owner)
    if grad is not None and name is not None:
        owners[grad.id] = owner
        yield name, grad.array


def _variables(trace: "Trace", tensors: Tensors, at: int) -> dict[str, int]:
    """The tensor of each variable that is exported, each tensor under one name: its own, or else the first."""
    names: dict[int, str] = {}
    for name in trace.bindings:
        tensor_id = trace.lookup(name, at)
        if tensor_id is None or tensors.grad_label(tensor_id) is None:
            continue
        if tensor_id not in names or name == trace.name(tensor_id):
            names[tensor_id] = name
    return {name: tensor_id for tensor_id, name in names.items()}


def _owners(trace: "Trace", tensors: Tensors, at: int) -> dict[int, int]:
    """By the id of each tensor in a `.grad` at a moment: whose gradient it is."""
    grads = ((tensor_id, trace.grad_state(tensor_id, at)) for tensor_id in _variables(trace, tensors, at).values())
    return {grad.id: tensor_id for tensor_id, grad in grads if grad is not None}
