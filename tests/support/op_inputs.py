"""The inputs of an expression under test: `Row("x.gather(1, i)", "x:2,3 i:int3:2,1")` and `inputs(row, ...)`.

An input is `name:shape` or `name:kind:shape`; an empty shape is one number without dims.
"""

import zlib
from typing import Any, NamedTuple

import numpy as np


class Row(NamedTuple):
    """`second`: whether second-order gradients are compared. `layouts`: `plain` memory, and `strided`."""

    expression: str
    inputs: str = "x:2,3"
    second: bool = True
    layouts: tuple[str, ...] = ("plain", "strided")


def values(kind: str, shape: tuple[int, ...], seed: int, dtype: str) -> Any:
    """The numbers of an input, the same for both engines."""
    random = np.random.default_rng(seed)
    if kind.startswith("int"):
        return np.asarray(random.integers(0, int(kind[3:] or 5), shape))
    if kind == "bool":
        return np.asarray(random.integers(0, 2, shape).astype(bool))
    if kind.startswith("perm"):
        return random.permutation(int(kind[4:]))[: shape[0]]
    numbers: Any = {
        "normal": lambda: random.normal(size=shape) * 2,
        "positive": lambda: random.uniform(0.2, 3, shape),
        "unit": lambda: random.uniform(-0.9, 0.9, shape),
        "tied": lambda: random.integers(-1, 2, shape),
        "wild": lambda: random.choice([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.5, -2.5], shape),
    }[kind]()
    return np.asarray(numbers, dtype)


def strided(array: Any) -> Any:
    """The same numbers in memory that is not in order."""
    if array.ndim == 0:
        return array
    if array.ndim == 1:
        memory = np.zeros(array.size * 2, array.dtype)
        memory[::2] = array
        return memory[::2]
    return np.array(array.T, order="C").T


def inputs(row: Row, dtype: str, layout: str) -> dict[str, Any]:
    """The arrays of a row's inputs by name."""
    found: dict[str, Any] = {}
    for word in row.inputs.split():
        name, *kind, shape = word.split(":")
        sizes = tuple(int(n) for n in shape.split(",") if n)
        array = values(kind[0] if kind else "normal", sizes, zlib.crc32(word.encode()), dtype)
        found[name] = strided(array) if layout == "strided" else array
    return found
