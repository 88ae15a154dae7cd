"""What a file says of a run and no run does: `check_event(number, event)` raises ValueError for it.

A file may come from a stranger. What reads events relies on these rules, so that it need not look again.
"""

from typing import Any

import numpy as np

from gradb.trace.events import (
    Accumulate,
    BackwardStarted,
    Clipped,
    Event,
    FanIn,
    Forward,
    NodeRef,
    OpInfo,
    TensorState,
    Update,
    ZeroGrad,
)

_LARGEST = 1 << 31  # line, number of a tensor or a node
_CALLS = 1 << 22  # of a captured graph
_SCALARS = (bool, int, float, str, type(None))
_DEPTH = 20


def check_event(number: int, event: Event) -> None:
    """Raises ValueError where event `number` cannot be in a run: a wrong type, or a reference to what comes later."""
    _check("the line", event.line)
    for name in event.__struct_fields__:
        _check_value(getattr(event, name), number, 0)
    match event:
        case Forward():
            _check_forward(number, event)
        case BackwardStarted():
            if not event.roots or len(event.roots) != len(event.seeds):
                raise ValueError("not as many roots as seeds")
            for root, seed in zip(event.roots, event.seeds, strict=True):
                _check_shapes(seed, root.array)
        case Accumulate():
            _check_shapes(event.before, event.grad.array)
            _check_shapes(event.contribution, event.grad.array)
        case ZeroGrad():
            _check_shapes(event.before, event.tensor.array)
            _check_shapes(None if event.grad is None else event.grad.array, event.tensor.array)
        case Update():
            _check_shapes(event.before, event.tensor.array)
            _check_rule(event)
        case FanIn():
            _check_shapes(event.contribution, event.total)
        case Clipped():
            if not len(event.tensors) == len(event.before) == len(event.grads):
                raise ValueError("not as many tensors as gradients")
            for tensor, before, grad in zip(event.tensors, event.before, event.grads, strict=True):
                _check_shapes(before, grad.array)
                _check_shapes(tensor.array, grad.array)
        case _:
            return


def _check_forward(number: int, event: Forward) -> None:
    given: Any = event.inputs
    if type(event.op) is not OpInfo or type(given) is not tuple:
        raise ValueError("an op or its inputs are missing")
    if not event.outputs:
        raise ValueError("an op has no output")
    for state in _states(event.inputs):  # a graph is followed from outputs to inputs: it must end
        if state.grad_fn is not None and state.grad_fn.forward >= number:
            raise ValueError("an input was computed later")


def _check_rule(event: Update) -> None:
    """What a rule works with has names, and each of its lines but the last says how one of these came to be."""
    pairs: Any = event.used
    if type(pairs) is not tuple or not all(
        type(pair) is tuple and len(pair) == 2 and type(pair[0]) is str for pair in pairs
    ):
        raise ValueError("what was used has no name")
    used = dict(event.used)
    for line in event.rule.split("; ")[:-1]:
        if not isinstance(used.get(line.rpartition(" = ")[0]), np.ndarray | TensorState):
            raise ValueError(f"the rule has a line for what was not used: {line[:60]}")


def _states(value: Any) -> list[TensorState]:
    found = [value] if isinstance(value, TensorState) else []
    if isinstance(value, tuple):
        for item in value:
            found += _states(item)
    return found


def _check_shapes(one: Any, other: Any) -> None:
    if one is not None and one.shape != other.shape:
        raise ValueError(f"arrays of the shapes {one.shape} and {other.shape} do not belong together")


def _check_value(value: Any, number: int, depth: int) -> None:
    """A field, or what is in it."""
    kind = type(value)
    if kind is tuple:
        if depth > _DEPTH:
            raise ValueError("lists in lists, too many")
        for item in value:
            _check_value(item, number, depth + 1)
    elif kind is TensorState:
        _check("a tensor", value.id, value.output_nr)
        if not isinstance(value.array, np.ndarray):
            raise ValueError("a tensor has no array")
        if value.grad_fn is not None:
            _check_node(value.grad_fn, number)
    elif kind is NodeRef:
        _check_node(value, number)
    elif kind not in _SCALARS and kind is not OpInfo and not isinstance(value, np.ndarray):
        raise ValueError(f"a {kind.__name__} does not belong there")


def _check_node(node: NodeRef, number: int) -> None:
    _check("a node", node.id, node.tensor, node.forward)
    if node.forward > number or not 0 <= node.call < _CALLS:
        raise ValueError("a node is made later")


def _check(what: str, *numbers: int) -> None:
    for number in numbers:
        if not 0 <= number < _LARGEST:
            raise ValueError(f"{what} has the number {number}")
