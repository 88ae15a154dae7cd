"""How close a value must be to torch's: stated here once, for `gradb verify`."""

import numpy as np

from gradb.trace.events import Array

RELATIVE = {"float16": 1e-3, "float32": 1e-6, "float64": 1e-12}
"""Of one operation on one element, by dtype. Sums and products of n elements get √n times as much."""


SPREAD = 10.0
"""How much larger than those of its operands the difference of a result may be, beside what its size tells."""


def rounding(dtype: str, terms: int, scale: float) -> float:
    """The largest difference that the rounding of one operation makes.

    `terms` is the number of elements that a value may be a sum of, `scale` the largest number that it is made of.
    """
    return RELATIVE.get(dtype, 0.0) * max(terms, 1) ** 0.5 * scale


def largest(array: Array) -> float:
    """The largest finite magnitude in an array, 0 where there is none."""
    if array.dtype.kind != "f" or not array.size:
        return float(np.abs(array.astype(np.float64)).max()) if array.size and array.dtype.kind in "biu" else 0.0
    with np.errstate(invalid="ignore"):
        magnitudes = np.abs(array)
    finite = magnitudes[np.isfinite(magnitudes)]
    return float(finite.max()) if finite.size else 0.0


def differences(found: Array, expected: Array) -> Array:
    """How far the elements of two arrays of one shape are apart; infinite where nan or inf stand in only one."""
    if found.dtype.kind != "f":
        return np.where(found == expected, 0.0, np.inf)
    with np.errstate(invalid="ignore"):
        same = (found == expected) | (np.isnan(found) & np.isnan(expected))
        apart = np.abs(found.astype(np.float64) - expected.astype(np.float64))
    return np.where(same, 0.0, np.where(np.isfinite(apart), apart, np.inf))
