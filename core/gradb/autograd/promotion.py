"""torch's type promotion: a tensor with dimensions outranks a 0-dim tensor, which outranks a number.

A lower rank changes the dtype only when its category (bool < integer < float) is higher.
"""

from typing import Any

import numpy as np

FLOAT32 = np.dtype(np.float32)
FLOAT64 = np.dtype(np.float64)
INT64 = np.dtype(np.int64)
BOOL = np.dtype(np.bool_)

ndarray = np.ndarray
_NUMBERS = frozenset({int, float, bool})
_CATEGORY = {"b": 0, "u": 1, "i": 1, "f": 2}


def same_type(x: Any, y: Any) -> bool:
    """Whether two operands (arrays or numbers) can be combined by numpy as they are. Meant to be quick."""
    if type(x) is ndarray:
        if type(y) is ndarray:
            return x.dtype is y.dtype
        return (x.dtype is FLOAT32 or x.dtype is FLOAT64) and type(y) in _NUMBERS
    return type(y) is ndarray and (y.dtype is FLOAT32 or y.dtype is FLOAT64) and type(x) in _NUMBERS


def result_type(*operands: Any) -> "np.dtype[Any]":
    """The dtype of an elementwise op on these arrays and numbers."""
    by_rank: list[list[np.dtype[Any]]] = [[], [], []]
    for operand in operands:
        if isinstance(operand, np.ndarray):
            by_rank[0 if operand.ndim else 1].append(operand.dtype)
        else:
            by_rank[2].append(number_type(operand))
    result: np.dtype[Any] | None = None
    for dtypes in by_rank:
        if not dtypes:
            continue
        here = dtypes[0]
        for dtype in dtypes[1:]:
            here = promote(here, dtype)
        if result is None or _CATEGORY[here.kind] > _CATEGORY[result.kind]:
            result = here
    assert result is not None
    return result


def promote(a: "np.dtype[Any]", b: "np.dtype[Any]") -> "np.dtype[Any]":
    """The dtype for two operands of the same rank."""
    if a == b:
        return a
    if _CATEGORY[a.kind] != _CATEGORY[b.kind]:
        return a if _CATEGORY[a.kind] > _CATEGORY[b.kind] else b
    return np.promote_types(a, b)


def number_type(number: Any) -> "np.dtype[Any]":
    """The dtype that torch gives a Python number."""
    if isinstance(number, (bool, np.bool_)):
        return BOOL
    if isinstance(number, (int, np.integer)):
        return INT64
    if isinstance(number, (float, np.floating)):
        return FLOAT32
    raise TypeError(f"expected a tensor or a number, found {type(number).__name__}")


def promoted(*operands: Any, wrap: bool = True) -> list[Any]:
    """The operands with every array cast to the common dtype; numbers stay numbers, which numpy fits to the arrays.

    As in torch, a whole number that an integer dtype does not hold wraps around: uint8 + -1 adds 255. Not `wrap` is for
    ops that make floats of integers anyway.
    """
    dtype = result_type(*operands)
    whole = wrap and dtype.kind in "iu"
    cast: list[Any] = []
    for operand in operands:
        if isinstance(operand, np.ndarray):
            cast.append(operand.astype(dtype, copy=False))
        elif whole:
            cast.append(np.asarray(operand).astype(dtype))
        else:
            cast.append(operand if type(operand) in _NUMBERS else _plain(operand))
    return cast


def _plain(number: Any) -> Any:
    """A number of numpy's, or of a subclass of Python's, as Python's own."""
    if isinstance(number, np.generic):
        return number.item()
    return int.__add__(number, 0) if isinstance(number, int) else float.__add__(number, 0.0)


def numbers_as_arrays(operands: list[Any]) -> list[Any]:
    """The same, but numbers too become 0-dim arrays of the common dtype, for functions that need arrays."""
    dtype = result_type(*operands)
    return [np.asarray(operand, dtype) for operand in operands]
