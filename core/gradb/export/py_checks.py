"""What is expected of a run, at the end of its script: asserts where plain Python can check it, else comments."""

import ast
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradb.debug.cleaning import clean
from gradb.export.py_values import nested
from gradb.export.words import Expected, Words

RELATIVE = 1e-4  # two engines round differently, and a training run carries that on


def checks(words: Words, source: str, *, ends_well: bool) -> Iterator[str]:
    """The lines to append. Nothing can be asserted after a program that `ends_well` says to fail."""
    names = assigned(ast.parse(source))
    asserted = [e for e in words.expected if ends_well and e.at.strip() == "end" and _is_checkable(e, names)]
    told = [*(_told(e) for e in words.expected if e not in asserted), *words.claims]
    if told:
        yield from ("", "# Expected, as gradb checks it:")
        yield from (f"#   {clean(' '.join(line.split()))}" for line in told)
    if asserted:
        yield from ("", "import torch", "")
        yield from map(_assert, asserted)


def assigned(tree: ast.Module) -> set[str]:
    """The names that a module's own statements assign, without those inside of functions and classes."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.ListComp | ast.GeneratorExp):
            waiting.extend(ast.iter_child_nodes(node))
    return found


def _is_checkable(expected: Expected, names: set[str]) -> bool:
    """Whether its subject is an expression of the module's own variables, and the name of a dtype is one."""
    parts = expected.subject.split(".")
    if parts[-1] == "dtype" and not _dtype(expected.value).isidentifier():
        return False
    return parts[0] in names and all(part.isidentifier() for part in parts)


def _dtype(value: Any) -> str:
    return str(value).removeprefix("torch.")


def _told(expected: Expected) -> str:
    within = f" to within {expected.within:g}" if expected.within is not None else ""
    return f"at {expected.at}: {expected.subject} is {expected.value}{within}"


def _assert(expected: Expected) -> str:
    subject, value = expected.subject, expected.value
    match subject.rpartition(".")[2]:
        case "requires_grad" | "is_leaf":
            return f"assert {subject} is {value}"
        case "grad_fn":
            return f"assert {subject} is None" if value is None else f"assert {subject}.name() == {json.dumps(value)}"
        case "shape":
            return f"assert list({subject}) == {value}"
        case "dtype":
            return f"assert {subject} == torch.{_dtype(value)}"
        case _:
            return f"assert {subject} is None" if value is None else _close(subject, value, expected.within)


def _close(subject: str, value: Any, within: float | None) -> str:
    tolerance = f"rtol={RELATIVE:g}, atol=1e-6" if within is None else f"rtol=0, atol={within:g}"
    wanted = f"torch.tensor({nested(np.asarray(value))}, dtype={subject}.dtype)"
    return f"assert torch.allclose({subject}, {wanted}, {tolerance}, equal_nan=True)"
