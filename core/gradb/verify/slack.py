"""How far a value may lie from torch's, by what it was made of: `Slack(trace)` follows differences through a run.

A value may differ by the rounding of its own operation, and by what the differences of its operands explain. Those are
known, because the operands were compared before: so a small difference is followed as it spreads, and a wrong formula
still stands out at the event where it is first used.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradb.trace.events import (
    Array,
    BackwardStarted,
    FanIn,
    Forward,
    Plotted,
    TensorCreated,
    TensorState,
    Update,
    Visit,
)
from gradb.trace.trace import Trace
from gradb.verify.tolerance import SPREAD, largest, rounding


class Slack:
    """Of gradb's run: by array the difference that was found. Events hold the arrays, so each is known by its id."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self._found: dict[int, float] = {}
        self._walk: dict[tuple[int, ...], float] = {}  # by shape: the largest difference of a gradient in this walk
        self._updates: dict[int, float] = {}  # by leaf: the largest difference in any update, which its state keeps
        self._doubts: dict[int, Any] = {}  # by leaf and element: how large a part of the gradient is only rounding
        self._followed = 0

    def note(self, array: Array, apart: float, event: Any) -> None:
        """An array of an event was compared."""
        if isinstance(event, Visit | FanIn):
            self._walk[array.shape] = max(apart, self._walk.get(array.shape, 0.0))
        elif isinstance(event, BackwardStarted):
            self._walk.clear()
        if apart:
            self._found[id(array)] = apart
        else:
            self._found.pop(id(array), None)

    def follow(self, number: int) -> None:
        """Passes on the differences of what is not compared itself, up to an event."""
        for n in range(self._followed + 1, number):
            event = self.trace.events[n - 1]
            if isinstance(event, TensorCreated) and event.origin == "clip_grad_norm_" and n > 1:
                array = event.tensor.array
                self._found[id(array)] = float(self.allowed(self.trace.events[n - 2], array))
            elif isinstance(event, Forward) and event.node is None:
                for state in event.outputs:
                    if id(state.array) not in self._found:
                        explained = self._explained(event)
                        if explained:
                            self._found[id(state.array)] = explained
        self._followed = max(self._followed, number - 1)

    def allowed(self, event: Any, value: Array) -> Any:
        """The largest difference of a value of an event that rounding explains, for all elements or for each."""
        if isinstance(event, Plotted):  # numbers in Python come from tensors of any dtype
            return rounding("float32", value.size, largest(value))
        own = rounding(value.dtype.name, value.size, largest(value))
        arrays = list(self._parts(event))
        terms = max([array.size for array in arrays], default=1)
        scale = max([largest(array) for array in arrays], default=0.0)
        found = max(own, rounding(value.dtype.name, terms, scale * _factor(event, arrays))) + self._explained(event)
        return found + self._doubt(event) if isinstance(event, Update) else found

    def _doubt(self, event: Update) -> Any:
        """An optimizer that divides by the size of the gradient makes steps of any gradient, even of mere rounding.

        So an update is as doubtful as its gradient is, element by element, and stays so because of the optimizer's
        state.
        """
        grad = next((value for name, value in event.used if name == "grad"), None)
        if not isinstance(grad, TensorState) or "√" not in event.rule:
            return 0.0
        size = np.abs(grad.array)
        apart = SPREAD * self._found.get(id(grad.array), 0.0)
        relative = np.where(size > apart, apart / np.maximum(size, np.finfo(size.dtype).tiny), 1.0 if apart else 0.0)
        kept = self._doubts.get(event.tensor.id)
        relative = self._doubts[event.tensor.id] = relative if kept is None else np.maximum(relative, kept)
        return SPREAD * largest(event.tensor.array - event.before) * relative

    def _explained(self, event: Any) -> float:
        """What the differences of an event's operands may become."""
        arrays = list(self._parts(event))
        worst = max([self._found.get(id(array), 0.0) for array in arrays], default=0.0)
        if isinstance(event, FanIn):  # the sum so far is in no event
            worst = max(worst, self._walk.get(event.total.shape, 0.0))
        if isinstance(event, Update):
            worst = self._updates[event.tensor.id] = max(worst, self._updates.get(event.tensor.id, 0.0))
        if not worst:
            return 0.0
        terms = max([array.size for array in arrays], default=1)
        return SPREAD * terms**0.5 * max([1.0, *map(largest, arrays)]) * worst

    def _parts(self, event: Any) -> Iterator[Array]:
        """All arrays of an event, and of a visit those of the forward op too."""
        for field in event.__struct_fields__:
            yield from _arrays_in(getattr(event, field))
        if isinstance(event, Visit) and event.node.forward:
            forward = self.trace.events[event.node.forward - 1]
            if isinstance(forward, Forward):
                yield from _arrays_in((forward.inputs, forward.outputs))


def _factor(event: Any, arrays: list[Array]) -> float:
    """How large a product of two parts may be, as a multiple of the larger one."""
    if not isinstance(event, Forward | Visit):
        return 1.0
    sizes = sorted(map(largest, arrays))
    return max([1.0, *sizes[-2:-1]])


def _arrays_in(value: Any) -> Iterator[Array]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, TensorState):
        yield value.array
    elif isinstance(value, tuple):
        for item in value:
            yield from _arrays_in(item)
