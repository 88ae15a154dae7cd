"""numpy's arrays and numbers hold numbers here and nothing else: `check_numeric(result)`, `number(argument)`.

An array of objects would run the program's code, and compute whole numbers without bound, in C that nothing interrupts.
"""

from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.ops.matrix_arrays import multiplications
from gradb.scenario.program.kinds import Kind
from gradb.scenario.program.limits import MAX_ELEMENTS, MAX_PRODUCTS, refuse
from gradb.scenario.program.weight import weigh

_NUMERIC = "biufc"
NUMBERS = (bool, int, float, complex, np.generic, np.ndarray, Tensor, range, type(None))
_WORDS = ("xy", "ij")


def check_dtype(dtype: Any) -> None:
    """Refuses the types of arrays that hold anything but numbers and truth values."""
    if dtype.kind not in _NUMERIC:
        raise refuse(f"arrays of the type {dtype.name!r} are not for programs", "numbers and truth values")


def check_numeric(result: Any) -> Any:
    """What numpy gave, if it is numbers; a view that stands for more elements than fit in memory is refused too."""
    if isinstance(result, np.ndarray | np.generic):
        check_dtype(result.dtype)
        check_elements(result.size)
    elif isinstance(result, tuple | list):
        for item in result:
            check_numeric(item)
    return result


def check_elements(count: int) -> None:
    """Refuses a tensor or array of too many elements, which may take no memory and yet take for ever."""
    if count > MAX_ELEMENTS:
        raise refuse(f"a tensor of {count:,} elements would come to be", f"tensors of up to {MAX_ELEMENTS:,} elements")


def check_product(left: Any, right: Any) -> None:
    """Refuses a product of arrays of whole numbers that would take minutes in one call of numpy."""
    if not isinstance(left, np.ndarray) or not isinstance(right, np.ndarray) or not left.ndim or not right.ndim:
        return
    if np.result_type(left, right).char not in "fd" and multiplications(left, right) > MAX_PRODUCTS:
        raise refuse(
            f"a product of arrays would multiply {multiplications(left, right):,} numbers",
            f"{MAX_PRODUCTS:,} where they are not float32 or float64",
        )


def argument(value: Any) -> Any:
    """An argument for a function of numpy: numbers, or the type of numbers."""
    weigh(value)
    if isinstance(value, Kind):
        value = value.real
    if isinstance(value, type | np.dtype) or (type(value) is str and value not in _WORDS):
        check_dtype(np.dtype(value))
    elif type(value) is not str:
        _check_numbers(value)
    return value


def _check_numbers(value: Any) -> None:
    if isinstance(value, list | tuple):
        for item in value:
            _check_numbers(item)
    elif isinstance(value, int) and value.bit_length() > 64:
        raise refuse("numpy gets a whole number that is too large", "whole numbers of up to 64 bits")
    elif not isinstance(value, NUMBERS):
        raise refuse(f"numpy gets a {type(value).__name__!r} object", "numbers, lists, ranges, arrays and tensors")
