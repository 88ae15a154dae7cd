"""What a training step comes to: `for step in by_step(trace, selection)` has its losses, learning rates and values."""

import math
from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice

import numpy as np
from msgspec import Struct, field

from gradb.export.selection import Selection
from gradb.export.selection_events import numbered
from gradb.export.selection_values import written
from gradb.trace.events import Accumulate, Array, Clipped, Event, Update, ZeroGrad
from gradb.trace.health import squares
from gradb.trace.trace import Trace


class StepValues(Struct):
    """One step. `losses` are the values of the roots of its backwards; `lr` the learning rates, by parameter.

    `values` are what the tensors hold at its end, `grads` the gradients as they were last accumulated or clipped in it;
    both by name. The tensors are the parameters, or else those that were selected.
    """

    step: int
    losses: list[float] = field(default_factory=list)
    lr: dict[str, float] = field(default_factory=dict)
    values: dict[str, Array] = field(default_factory=dict)
    grads: dict[str, Array] = field(default_factory=dict)


def by_step(trace: Trace, selection: Selection) -> Iterator[StepValues]:
    """The steps of the selected events, in order; of the first and the last step only the selected events count."""
    if not selection.numbers:
        return
    losses = trace.losses()
    place = bisect_left(losses, selection.numbers.start, key=lambda loss: loss[0])
    values: dict[str, Array] = {}
    reader = _Reader(trace, selection)
    events = numbered(trace, selection.numbers)
    for step in range(trace.step_of(selection.numbers[0]), trace.step_of(selection.numbers[-1]) + 1):
        first, last = trace.step_span(step)
        found = StepValues(step)
        last = min(last, selection.numbers[-1])
        for _, event in islice(events, last - max(first, selection.numbers.start) + 1):
            reader.read(event, found)
        while place < len(losses) and losses[place][0] <= last:
            loss = losses[place][2]
            found.losses.append(math.nan if math.isnan(loss) else loss)  # of NaN's many forms one
            place += 1
        values.update(found.values)
        found.values = dict(values)
        for name in [name for name in found.grads if _is_unnamed(name) and name.removesuffix(".grad") not in values]:
            del found.grads[name]  # a program may make such a leaf in each step
        yield found


def norm(array: Array) -> float:
    """The 2-norm of an array of any shape, in float64."""
    return math.sqrt(squares(np.asarray(array, np.float64)))


class _Reader:
    """Notes what an event says of a step."""

    def __init__(self, trace: Trace, selection: Selection) -> None:
        self._name = trace.name
        self._tensors = selection.tensors
        self._owners: dict[int, int] = {}

    def read(self, event: Event, found: StepValues) -> None:
        """Takes what the event wrote."""
        if isinstance(event, Update) and self._tensors.concerned(event):
            for name, value in event.used:
                if name == "lr" and isinstance(value, int | float):
                    found.lr[self._name(event.tensor.id)] = float(value)
        if self._tensors.all:
            self._read_parameter(event, found)
        elif not isinstance(event, ZeroGrad):
            for name, array in written(event, self._tensors, self._owners):
                (found.grads if name.endswith(".grad") else found.values)[name] = array

    def _read_parameter(self, event: Event, found: StepValues) -> None:
        """A parameter is what an optimizer or a backward writes to."""
        match event:
            case Update():
                found.values[self._name(event.tensor.id)] = event.tensor.array
            case Accumulate():
                name = self._name(event.tensor.id)
                if event.tensor.is_leaf and not _is_unnamed(name):
                    found.values[name] = event.tensor.array
                found.grads[f"{name}.grad"] = event.grad.array
            case Clipped():
                for tensor, grad in zip(event.tensors, event.grads, strict=True):
                    found.grads[f"{self._name(tensor.id)}.grad"] = grad.array
            case _:
                return


def _is_unnamed(name: str) -> bool:
    """Whether it is a name such as `randn#12`, of a tensor that no variable has held."""
    return "#" in name
