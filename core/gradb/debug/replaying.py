"""Runs the ops between a leaf and the roots of a backward again, for other values of the leaf: `Replay(...).loss(x)`.

Running one op is the caller's affair: `rerun(event, operands)` gives its outputs, or None where it cannot.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradb.debug.passes import forward_of, target_of
from gradb.trace.events import Array, BackwardStarted, Forward, TensorState
from gradb.trace.trace import Trace

Rerun = Callable[[Forward, tuple[Any, ...]], tuple[Array, ...] | None]
OTHER_RESULT = "the op {} gives another result when it is run again"


class CannotRun(Exception):
    """The text says what cannot be run again."""


class Replay:
    """The ops between a leaf and the roots of a backward, run again: `loss(array)` is Σ seed · root for that leaf.

    Raises CannotRun where an op on the way cannot be run again.
    """

    def __init__(self, trace: Trace, started: int, leaf: TensorState, rerun: Rerun) -> None:
        begin = trace.events[started - 1]
        assert isinstance(begin, BackwardStarted)
        self._begin = begin
        self._leaf = leaf
        self._rerun = rerun
        self.ops = self._depending(trace)
        first = next((s for op in self.ops for s in _states(op.inputs) if self._is_leaf(s)), leaf)
        self.before = first.array

    def loss(self, array: Array) -> float:
        """The weighted sum of the roots, in float64; NaN where an op does not run on these values."""
        values: dict[tuple[int, int], Any] = {(-self._leaf.id, 0): array}
        for event in self.ops:
            outputs = self._rerun(event, tuple([self._given(operand, values) for operand in event.inputs]))
            if outputs is None:
                return float("nan")
            for state, output in zip(event.outputs, outputs, strict=False):
                values[target_of(state)] = output
        pairs = zip(self._begin.roots, self._begin.seeds, strict=True)
        return sum(
            float(np.sum(np.asarray(self._given(root, values)) * seed.astype(np.float64))) for root, seed in pairs
        )

    def _depending(self, trace: Trace) -> list[Forward]:
        """The ops that the leaf's value goes through, in the order in which they ran."""
        found: dict[int, Forward] = {}
        waiting = list(self._begin.roots)
        while waiting:
            ref = waiting.pop().grad_fn
            if ref is None or ref.forward in found:
                continue
            event = forward_of(trace, ref)
            if event is None or ref.name == "CopySlices":
                raise CannotRun(f"{ref.name} cannot be run again by itself")
            found[ref.forward] = event
            waiting += [state for state in _states(event.inputs) if state.requires_grad]
        reached = {(-self._leaf.id, 0)}
        ops: list[Forward] = []
        for _, event in sorted(found.items()):
            if not any(target_of(state) in reached for state in _states(event.inputs)):
                continue
            if not same_result(self._rerun(event, tuple([plain(operand) for operand in event.inputs])), event):
                raise CannotRun(OTHER_RESULT.format(event.op.name))
            ops.append(event)
            reached |= {target_of(state) for state in event.outputs if state.grad_fn is not None}
        return ops

    def _is_leaf(self, state: TensorState) -> bool:
        return state.id == self._leaf.id and state.grad_fn is None

    def _given(self, operand: Any, values: dict[tuple[int, int], Any]) -> Any:
        if isinstance(operand, TensorState):
            return values.get(target_of(operand), plain(operand))
        if isinstance(operand, tuple):
            return tuple([self._given(item, values) for item in operand])
        return operand


def plain(operand: Any) -> Any:
    """An operand as an op takes it: arrays of floats in float64."""
    if isinstance(operand, TensorState):
        return operand.array.astype(np.float64) if operand.array.dtype.kind == "f" else operand.array
    if isinstance(operand, tuple):
        return tuple([plain(item) for item in operand])
    return operand


def _states(operands: tuple[Any, ...]) -> Iterator[TensorState]:
    for operand in operands:
        if isinstance(operand, TensorState):
            yield operand
        elif isinstance(operand, tuple):
            yield from _states(operand)


def same_result(outputs: tuple[Array, ...] | None, forward: Forward) -> bool:
    """Whether an op that ran again gave what was recorded."""
    if outputs is None or len(outputs) != len(forward.outputs):
        return False
    pairs = zip(outputs, forward.outputs, strict=True)
    return all(
        np.shape(out) == state.array.shape and np.allclose(out, state.array, rtol=1e-2, atol=1e-4, equal_nan=True)
        for out, state in pairs
    )
