"""The words that a condition may use, and how the name of a tensor is read out of it: `chain(node)`."""

import ast
from typing import NamedTuple

WORDS = ("step", "line", "event", "kind", "phase", "op")
ATTRIBUTES = ("grad", "shape", "requires_grad", "is_leaf", "ndim")
METHODS = ("norm", "isnan", "isinf", "isfinite", "abs", "max", "min", "mean", "sum", "item", "any", "all", "numel")
SUBSET = (
    f"variables, .{', .'.join(ATTRIBUTES)}, {', '.join(f'.{name}()' for name in METHODS)}, {', '.join(WORDS)}, "
    "numbers, texts, None, True, False, [index], + - * / // % **, == != < <= > >=, is None, is not None, and, or, not"
)


class Chain(NamedTuple):
    """A name with dots: where it begins, and its parts. A chain that was written in quotes begins with its text."""

    root: ast.expr
    parts: tuple[str, ...]
    quoted: bool

    @property
    def is_word(self) -> bool:
        """Whether it is a word of the event, such as `step`, and no tensor."""
        return len(self.parts) == 1 and self.parts[0] in WORDS and not self.quoted


def chain(node: ast.expr) -> Chain | None:
    """The dotted name that an expression is, such as `net.fc.weight.grad`; None for another expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return Chain(node, (node.id, *reversed(parts)), False)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and parts:
        return Chain(node, (node.value, *reversed(parts)), True)
    return None


def split(parts: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The name of the variable, and the attributes asked of it: `("w.fc", ("grad", "shape"))`."""
    end = len(parts)
    while end > 1 and parts[end - 1] in ATTRIBUTES:
        end -= 1
    return ".".join(parts[:end]), parts[end:]
