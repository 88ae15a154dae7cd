"""Works out a checked condition at a moment: `Evaluation(trace, at).value(tree)`; nothing in it runs as Python."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from gradb.debug.methods import UNKNOWN, called, mistake
from gradb.debug.vocabulary import chain, split
from gradb.trace.events import FanIn, Forward, Visit
from gradb.trace.numbers import brief, number
from gradb.trace.trace import Trace

_LARGEST = 10_000_000  # elements that arithmetic between tensors may make

BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.true_divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


class Evaluation:
    """One condition at one moment. With `noting`, `seen` keeps the values met on the way by their text, to be shown."""

    def __init__(self, trace: Trace, at: int, *, noting: bool = True) -> None:
        self.trace = trace
        self.at = at
        self.noting = noting
        self.seen: dict[str, str] = {}

    def holds(self, tree: ast.expr) -> bool:
        """Whether it is true; what is not known is not. Raises UserError where types or shapes do not fit."""
        with np.errstate(all="ignore"):
            value = self.value(tree)
        return value is not UNKNOWN and _truth(value)

    def value(self, node: ast.expr) -> Any:
        """A number, text, bool, tuple, array, None, or UNKNOWN."""
        named = chain(node)
        if named is not None and not named.is_word:
            return self._noted(node, self._tensor(named.parts))
        match node:
            case ast.Constant(value=None | bool() | str() as value):
                return value
            case ast.Constant(value=int() | float() as value):
                return float(value)
            case ast.Name(id=word):
                return self._noted(node, self._word(word))
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return tuple([self.value(element) for element in elements])
            case ast.Call(func=ast.Attribute(value=value, attr=method)):
                return self._noted(node, called(self._receiver(value), method, node))
            case ast.Subscript(value=value, slice=index):
                return self._noted(node, self._element(self.value(value), self.value(index), node))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                value = self.value(operand)
                return UNKNOWN if value is UNKNOWN else not _truth(value)
            case ast.UnaryOp(op=op, operand=operand):
                value = self._number(self.value(operand), operand)
                return value if value is UNKNOWN or isinstance(op, ast.UAdd) else -value
            case ast.BinOp(left=left, op=op, right=right):
                return self._arithmetic(
                    op, self._number(self.value(left), left), self._number(self.value(right), right), node
                )
            case ast.BoolOp(op=op, values=values):
                return self._bool(isinstance(op, ast.And), values)
            case ast.Compare(left=left, ops=ops, comparators=others):
                return self._compare(left, ops, others)
            case _:
                raise mistake(node, "this is not allowed in a condition")

    def _noted(self, node: ast.expr, value: Any) -> Any:
        if self.noting:
            self.seen[ast.unparse(node)] = shown(value)
        return value

    def _receiver(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):  # a name in quotes
            return self._tensor((node.value,))
        return self.value(node)

    def _tensor(self, parts: tuple[str, ...]) -> Any:
        name, attributes = split(parts)
        tensor = self.trace.lookup(name, self.at)
        state = None if tensor is None else self.trace.state(tensor, self.at)
        if tensor is None or state is None:
            return UNKNOWN
        value: Any = state.array
        for attribute in attributes:
            match attribute:
                case "grad" if value is state.array:
                    value = self.trace.grad(tensor, self.at)
                case "requires_grad":
                    return state.requires_grad
                case "is_leaf":
                    return state.is_leaf
                case "shape" | "ndim" if isinstance(value, np.ndarray):
                    return tuple([float(size) for size in value.shape]) if attribute == "shape" else float(value.ndim)
                case _:
                    return UNKNOWN
        return value

    def _word(self, word: str) -> Any:
        if not 1 <= self.at <= len(self.trace):
            return UNKNOWN
        event = self.trace.events[self.at - 1]
        match word:
            case "step":
                return float(self.trace.step_of(self.at))
            case "line":
                return float(event.line)
            case "event":
                return float(self.at)
            case "kind":
                return event.kind
            case "phase":
                return self.trace.phase_of(self.at)
            case _:
                return (
                    event.op.name
                    if isinstance(event, Forward)
                    else event.node.name
                    if isinstance(event, Visit | FanIn)
                    else ""
                )

    def _number(self, value: Any, node: ast.expr) -> Any:
        if value is UNKNOWN or value is None:
            return UNKNOWN
        if isinstance(value, str | tuple):
            raise mistake(node, f"{ast.unparse(node)} is no number and no tensor")
        return value

    def _element(self, value: Any, index: Any, node: ast.expr) -> Any:
        if value is UNKNOWN or value is None or index is UNKNOWN:
            return UNKNOWN
        places = index if isinstance(index, tuple) else (index,)
        if not all(isinstance(i, float) and i.is_integer() for i in places):
            raise mistake(node, "this index is no whole number", "whole numbers, such as w[0, 1]")
        try:
            return np.asarray(value)[tuple([int(i) for i in places])]
        except IndexError:
            raise mistake(node, f"{ast.unparse(node)} is outside of the shape {list(np.shape(value))}") from None

    def _arithmetic(self, op: ast.operator, left: Any, right: Any, node: ast.expr) -> Any:
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        self._check_shapes(left, right, node)
        return BINARY[type(op)](_floats(left), _floats(right))

    def _check_shapes(self, left: Any, right: Any, node: ast.expr) -> None:
        shapes = np.shape(left), np.shape(right)
        try:
            size = math.prod(np.broadcast_shapes(*shapes))
        except ValueError:
            raise mistake(node, f"the shapes {list(shapes[0])} and {list(shapes[1])} do not fit each other") from None
        if size > _LARGEST:
            raise mistake(node, f"this makes a tensor of {size} elements", f"up to {_LARGEST}")

    def _bool(self, is_and: bool, nodes: list[ast.expr]) -> Any:
        unknown = False
        for node in nodes:
            value = self.value(node)
            if value is UNKNOWN:
                unknown = True
            elif _truth(value) is not is_and:
                return not is_and
        return UNKNOWN if unknown else is_and

    def _compare(self, left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> Any:
        result: Any = True
        one = self.value(left)
        for op, node in zip(ops, others, strict=True):
            other = self.value(node)
            if one is UNKNOWN or other is UNKNOWN:
                return UNKNOWN
            if isinstance(op, ast.Is | ast.IsNot):
                holds: Any = (one is None) is isinstance(op, ast.Is)
            elif one is None or other is None:
                return UNKNOWN
            elif isinstance(one, str | tuple) or isinstance(other, str | tuple):
                if type(one) is not type(other):
                    raise mistake(left, f"{ast.unparse(left)} and {ast.unparse(node)} cannot be compared")
                holds = COMPARISONS[type(op)](one, other)
            else:
                self._check_shapes(one, other, left)
                holds = COMPARISONS[type(op)](one, other)
            result = np.logical_and(result, holds)
            one = other
        return result


def _floats(value: Any) -> Any:
    return np.asarray(value, np.float64)


def _truth(value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return bool(value.any())
    return bool(value)


def shown(value: Any) -> str:
    """A value as a short text."""
    if isinstance(value, np.ndarray):
        return brief(value)
    if isinstance(value, tuple):
        return f"[{', '.join(shown(part) for part in value)}]"
    if isinstance(value, float | np.floating):
        return (
            number(int(value))
            if math.isfinite(value) and float(value).is_integer() and abs(value) < 1e15
            else number(value)
        )
    return str(value)
