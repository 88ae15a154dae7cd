"""Whether an array is sound: `health(array)` gives its extremes, mean and norm, and counts zeros, NaN and Inf."""

import math

import numpy as np
from msgspec import Struct

from gradb.trace.events import Array

_AT_ONCE = 8192  # BLAS shares longer sums among threads, which wait for each other where the processors are busy


class Health(Struct, frozen=True):
    """`min`, `max` and `mean` are of the finite elements, None where there is none; `norm` is the 2-norm of all."""

    min: float | None
    max: float | None
    mean: float | None
    norm: float
    zeros: int
    nan: int
    inf: int
    count: int


def health(array: Array) -> Health:
    """The health of an array of any shape; integers and bools count as numbers. Computed in float64.

    Of a value that was not kept it is the one that is known of it.
    """
    known: Health | None = getattr(array, "health", None)
    if known is not None:
        return known
    values = np.asarray(array, dtype=np.float64)
    if values.size == 1:
        return _of_one(values.item())
    nan = int(np.count_nonzero(np.isnan(values)))
    inf = int(np.count_nonzero(np.isinf(values)))
    finite = values[np.isfinite(values)] if nan or inf else values
    some = finite.size > 0
    squared = squares(values) if not nan and not inf else math.nan if nan else math.inf
    return Health(
        min=float(finite.min()) if some else None,
        max=float(finite.max()) if some else None,
        mean=float(finite.mean()) if some else None,
        norm=math.sqrt(squared),
        zeros=int(values.size - np.count_nonzero(values)),
        nan=nan,
        inf=inf,
        count=int(values.size),
    )


def squares(values: Array) -> float:
    """The sum of the squares of float64 values, the same on every machine with any number of processors."""
    flat = values.ravel()
    parts = (flat[start : start + _AT_ONCE] for start in range(0, flat.size, _AT_ONCE))
    return sum([float(np.vdot(part, part)) for part in parts], 0.0)


def _of_one(value: float) -> Health:
    """As for an array, in a fraction of the time: losses and many parameters are one number."""
    finite = value if math.isfinite(value) else None
    norm = math.sqrt(value * value)
    nan, inf = int(math.isnan(value)), int(math.isinf(value))
    return Health(finite, finite, finite, norm, int(value == 0), nan, inf, 1)
