"""Arrays as PyTorch code, exact to the last bit: `literal(array)`, `nested(array)`, or `assignment("x", array)`."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from gradb.trace.events import Array

WIDTH = 118
_DEFAULTS = ("float32", "int64", "bool")  # what torch.tensor makes of plain numbers
_NOT_FINITE = {"nan": 'float("nan")', "inf": 'float("inf")', "-inf": 'float("-inf")'}


def literal(array: Array) -> str:
    """A call that makes the tensor."""
    dtype = "" if array.dtype.name in _DEFAULTS else f", dtype=torch.{array.dtype.name}"
    if not array.size:
        return f"torch.zeros({array.shape}, dtype=torch.{array.dtype.name})"
    return f"torch.tensor({nested(array)}{dtype})"


def assignment(name: str, array: Array) -> Iterator[str]:
    """Lines that give the tensor to a variable."""
    text = f"{name} = {literal(array)}"
    yield from (
        [text]
        if len(text) <= WIDTH
        else wrap(text, WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    )


def nested(array: Array) -> str:
    """The elements as a number, or nested lists of numbers."""
    if array.ndim == 0:
        return _number(array[()])
    return f"[{', '.join(map(nested, array) if array.ndim > 1 else map(_number, array))}]"


def _number(value: Any) -> str:
    """The shortest text that gives the same number in the array's dtype."""
    text = str(value)
    return _NOT_FINITE.get(text, text)
