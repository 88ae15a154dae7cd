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
)

_LARGEST = 1 << 31  # line, number of a tensor or a node
_CALLS = 1 << 22  # of a captured graph
_FINE = frozenset({bool, int, float, str, type(None), np.ndarray, OpInfo})  # whatever their content
_DEPTH = 20


def check_event(number: int, event: Event) -> None:
    """Raises ValueError where event `number` cannot be in a run: a wrong type, or a reference to what comes later."""
    if not 0 <= event.line < _LARGEST:
        raise ValueError(f"there is no line {event.line}")
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if type(value) not in _FINE:
            _check_value(value, number, 0)
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
        case Update():  # `.data` may have got another shape
            _check_rule(event)
        case FanIn():
            _check_shapes(event.contribution, event.total)
        case Clipped():
            if not len(event.tensors) == len(event.before) == len(event.grads):
                raise ValueError("not as many tensors as gradients")
            for before, grad in zip(event.before, event.grads, strict=True):
                _check_shapes(before, grad.array)
        case _:
            return


def _check_forward(number: int, event: Forward) -> None:
    given: Any = event.inputs
    if type(event.op) is not OpInfo or type(given) is not tuple:
        raise ValueError("an op or its inputs are missing")
    if not event.outputs:
        raise ValueError("an op has no output")
    _check_inputs(number, given)


def _check_inputs(number: int, inputs: Any) -> None:
    """A graph is followed from outputs to inputs: it must end."""
    for item in inputs:
        if type(item) is TensorState:
            if item.grad_fn is not None and item.grad_fn.forward >= number:
                raise ValueError("an input was computed later")
        elif type(item) is tuple:
            _check_inputs(number, item)


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


def _check_shapes(one: Any, other: Any) -> None:
    if one is not None and one.shape != other.shape:
        raise ValueError(f"arrays of the shapes {one.shape} and {other.shape} do not belong together")


def _check_value(value: Any, number: int, depth: int) -> None:
    """A field that is no plain value, or what is in it."""
    kind = type(value)
    if kind is tuple:
        if depth > _DEPTH:
            raise ValueError("lists in lists, too many")
        for item in value:
            if type(item) not in _FINE:
                _check_value(item, number, depth + 1)
    elif kind is TensorState:
        if not 0 <= value.id < _LARGEST or not 0 <= value.output_nr < _LARGEST:
            raise ValueError(f"there is no tensor {value.id}")
        if not isinstance(value.array, np.ndarray):
            raise ValueError("a tensor has no array")
        if value.grad_fn is not None:
            _check_node(value.grad_fn, number)
    elif kind is NodeRef:
        _check_node(value, number)
    elif not isinstance(value, np.ndarray):
        raise ValueError(f"a {kind.__name__} does not belong there")


def _check_node(node: NodeRef, number: int) -> None:
    if not (0 <= node.id < _LARGEST and 0 <= node.tensor < _LARGEST and 0 <= node.call < _CALLS):
        raise ValueError(f"there is no node {node.id}")
    if not 0 <= node.forward <= number:
        raise ValueError("a node is made later")
