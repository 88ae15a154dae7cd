"""How close a value must be to torch's: stated here once, for `gradb verify`."""

import numpy as np

from gradb.trace.events import Array

RELATIVE = {"float16": 1e-3, "float32": 1e-6, "float64": 1e-12}
"""Of one operation on one element, by dtype. Sums and products of n elements get √n times as much."""


def allowed(dtype: str, terms: int, steps: int, scale: float) -> float:
    """The largest difference that rounding may make.

    `terms` is the number of elements that a value may be a sum of, `scale` the largest number that it was made of, and
    `steps` the number of training steps so far: differences add up from step to step like a random walk, so √steps.
    """
    return RELATIVE[dtype] * max(terms, 1) ** 0.5 * max(steps, 1) ** 0.5 * scale


def largest(array: Array) -> float:
    """The largest finite magnitude in an array, 0 where there is none."""
    if array.dtype.kind != "f" or not array.size:
        return float(np.abs(array.astype(np.float64)).max()) if array.size and array.dtype.kind in "biu" else 0.0
    with np.errstate(invalid="ignore"):
        magnitudes = np.abs(array)
    finite = magnitudes[np.isfinite(magnitudes)]
    return float(finite.max()) if finite.size else 0.0


def difference(found: Array, expected: Array) -> float:
    """The largest difference of two arrays of one shape; infinite where nan or inf stand in only one of them."""
    if found.dtype.kind != "f":
        return 0.0 if np.array_equal(found, expected) else float("inf")
    with np.errstate(invalid="ignore"):
        same = (found == expected) | (np.isnan(found) & np.isnan(expected))
        apart = np.abs(found.astype(np.float64) - expected.astype(np.float64))
    apart = np.where(same, 0.0, apart)
    worst = float(apart.max()) if apart.size else 0.0
    return worst if np.isfinite(worst) else float("inf")
