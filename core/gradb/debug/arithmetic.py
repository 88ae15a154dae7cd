"""Works out formulas such as `∂L/∂out · exponent · self^(exponent - 1)` on arrays: `evaluate(formula, values)`.

A formula that is more words than arithmetic has no value here, and None stands for it. So does one whose arrays do not
fit each other: whoever asks checks the result against what was recorded, and never shows what does not agree.
"""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

OUT = "gradient_of_out"  # what stands for ∂L/∂out

_SIGNS = {"·": "*", "^": "**", "²": "**2", "³": "**3", "½": "0.5", "√": "sqrt", "∂L/∂out": OUT, "ln 2": "ln(2)"}
_SIGNS["ln 10"] = "ln(10)"
_WHERE = re.compile(r"(?P<yes>.+) where (?P<test>[^,]+), else (?P<no>.+)")


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sqrt": np.sqrt,
    "ln": np.log,
    "sin": np.sin,
    "cos": np.cos,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sign": np.sign,
    "trunc": np.trunc,
    "σ": _sigmoid,
}
_CONSTANTS = {"e": np.e, "π": np.pi}
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
    ast.Eq: np.equal,
}


class _Words(Exception):
    """The formula is not plain arithmetic."""


def evaluate(formula: str, values: Mapping[str, Any]) -> Any:
    """The value of a formula in float64, None where it cannot be worked out. `values[OUT]` stands for ∂L/∂out."""
    where = _WHERE.fullmatch(formula)
    try:
        with np.errstate(all="ignore"):
            if where is None:
                return _parsed(formula, values)
            return np.where(*[_parsed(where[part], values) for part in ("test", "yes", "no")])
    except (_Words, SyntaxError, ValueError, TypeError, MemoryError):
        return None


def _parsed(formula: str, values: Mapping[str, Any]) -> Any:
    for sign, text in _SIGNS.items():
        formula = formula.replace(sign, text)
    return _value(ast.parse(formula.strip(), mode="eval").body, values)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            found = values.get(name, _CONSTANTS.get(name))
            if isinstance(found, np.ndarray):
                return found if found.dtype.kind == "b" else found.astype(np.float64)
            if isinstance(found, int | float):
                return float(found)
            raise _Words
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return np.negative(_value(operand, values))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left, values), _value(right, values))
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            operands = [_value(operand, values) for operand in (left, *comparators)]
            result: Any = True
            for op, one, other in zip(ops, operands, operands[1:], strict=False):
                if type(op) not in _COMPARISONS:
                    raise _Words
                result = np.logical_and(result, _COMPARISONS[type(op)](one, other))
            return result
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*[_value(argument, values) for argument in args])
        case _:
            raise _Words
