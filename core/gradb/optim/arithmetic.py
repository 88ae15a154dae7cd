"""Array arithmetic rounded as torch's optimizers round it: `add`, `lerp`, `add_product`, `add_quotient`.

torch multiplies and adds float32 in one rounding (a fused multiply-add); float64 holds the product of two float32
exactly, so computing in it and rounding once gives the same bits. float16 is computed in float32. Every result is a
new array of the first argument's shape and dtype.
"""

from typing import Any

import numpy as np

from gradb.trace.events import Array

_WIDER: dict[Any, Any] = {np.dtype(np.float16): np.float32, np.dtype(np.float32): np.float64}


def _plus_product(a: Any, b: Any, factor: Any, dtype: Any) -> Array:
    """a + b · factor, rounded once where a wider dtype is at hand."""
    wider = _WIDER.get(dtype)
    if wider is None:
        return np.asarray(a + b * factor, dtype)
    number = factor if isinstance(factor, np.ndarray) else wider(np.float32(factor))
    product = np.multiply(b, number, dtype=wider)
    total = np.empty_like(a, dtype)  # the sum is cast on the way into it, in the cache
    return np.add(a, product, out=total, dtype=wider, casting="same_kind")


def wider_of(value: Any, wider: Any) -> Any:
    """An array, or a number as float32 holds it, in a wider dtype."""
    return value.astype(wider) if hasattr(value, "astype") else wider(np.float32(value))


def add(a: Array, b: Array, alpha: float) -> Array:
    """a + alpha · b."""
    return _plus_product(a, b, alpha, a.dtype)


def lerp(start: Array, end: Array, weight: float) -> Array:
    """start + weight · (end - start), from the nearer end as torch computes it."""
    if weight < 0.5:
        return _plus_product(start, end - start, weight, start.dtype)
    return _plus_product(end, end - start, weight - 1, start.dtype)


def add_product(a: Array, b: Array, c: Array, value: float) -> Array:
    """a + value · b · c."""
    return _plus_product(a, b * value, c, a.dtype)


def add_quotient(a: Array, b: Array, c: Array, value: float) -> Array:
    """a + value · b / c."""
    return np.asarray(a + b * value / c, a.dtype)
