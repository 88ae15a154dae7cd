"""Finite-difference checks with the engine's own ops: `check_node(trace, at)` and `check_leaf(trace, leaf, at)`."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np

import gradb.ops
from gradb.autograd.op import Op
from gradb.debug import finite_differences
from gradb.debug.finite_differences import Check
from gradb.trace.events import Array, Forward
from gradb.trace.trace import Trace

Signature = tuple[str, tuple[str, ...], str]


def check_node(trace: Trace, at: int) -> tuple[Check, ...]:
    """Checks each gradient that the node visited at event `at` sent. Raises UserError where `at` is no such visit."""
    return finite_differences.check_node(trace, at, rerun)


def check_leaf(trace: Trace, leaf: int, at: int) -> Check:
    """Checks what the last backward up to a moment added to a leaf's `.grad`. Raises UserError where none did."""
    return finite_differences.check_leaf(trace, leaf, at, rerun)


def rerun(event: Forward, operands: tuple[Any, ...]) -> tuple[Array, ...] | None:
    """What the op of a recorded event gives for other operands; None where it cannot be run on them."""
    name = event.op.name.removesuffix("_") if event.in_place else event.op.name
    ops = _ops().get((name, event.op.inputs, event.op.symbol), ())
    if not ops:
        return None
    node = "" if event.node is None else event.node.name
    op = next((op for op in ops if op.node_type.__name__ == node), ops[0])
    try:
        with np.errstate(all="ignore"):
            result = op.forward(*operands)
    except Exception:  # an argument that the recording holds only as a text, or a shape that does not fit
        return None
    return tuple([np.asarray(array) for array in (result if type(result) is tuple else (result,))])


@cache
def _ops() -> dict[Signature, list[Op]]:
    """The engine's ops by what events know of them; a few differ only in their nodes."""
    found: dict[Signature, list[Op]] = {}
    for module in iter_modules(gradb.ops.__path__):
        for value in vars(import_module(f"gradb.ops.{module.name}")).values():
            for op in _in(value):
                found.setdefault((op.info.name, op.info.inputs, op.info.symbol), []).append(op)
    return found


def _in(value: Any) -> Iterator[Op]:
    if isinstance(value, Op):
        yield value
    elif isinstance(value, dict):
        yield from [item for item in value.values() if isinstance(item, Op)]
    elif isinstance(value, list | tuple):
        yield from [item for item in value if isinstance(item, Op)]
