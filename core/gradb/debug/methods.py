"""The methods of tensors that a condition may call: `called(array, "norm", node)`."""

import ast
import math
from typing import Any

import numpy as np

from gradb.errors import UserError

UNKNOWN: Any = type("Unknown", (), {"__repr__": lambda self: "not known here"})()


def mistake(node: ast.expr, what: str, allowed: str = "") -> UserError:
    """The error for a place in a condition; its `where` is the column, from 1."""
    return UserError(what, where=f"column {node.col_offset + 1}", allowed=allowed)


def called(value: Any, method: str, node: ast.expr) -> Any:
    """What a method gives. Raises UserError where the value has no such method."""
    if value is UNKNOWN or value is None:
        return UNKNOWN
    if isinstance(value, str | tuple):
        raise mistake(node, f"a {'text' if isinstance(value, str) else 'shape'} has no .{method}()")
    array = np.asarray(value)
    floats = array if array.dtype.kind == "b" else array.astype(np.float64)
    match method:
        case "isnan" | "isinf" | "isfinite":
            return getattr(np, method)(floats)
        case "norm":
            return float(np.sqrt(np.sum(np.square(floats, dtype=np.float64))))
        case "abs":
            return np.abs(floats)
        case "numel":
            return float(array.size)
        case "any" | "all":
            return bool(getattr(array, method)())
        case "item":
            if array.size != 1:
                raise mistake(node, f".item() of a tensor with {array.size} elements", "a tensor with one element")
            return floats.reshape(-1)[0]
        case _:
            if not array.size and method in ("max", "min"):
                return UNKNOWN
            return float(getattr(floats, method)()) if array.size or method == "sum" else math.nan
