"""Whether an array is sound: `health(array)` gives its extremes, mean and norm, and counts zeros, NaN and Inf."""

import math

import numpy as np
from msgspec import Struct

from gradb.trace.events import Array


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
    squared = float(np.vdot(values, values)) if not nan and not inf else math.nan if nan else math.inf
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


def _of_one(value: float) -> Health:
    """As for an array, in a fraction of the time: losses and many parameters are one number."""
    finite = value if math.isfinite(value) else None
    norm = math.sqrt(value * value)
    nan, inf = int(math.isnan(value)), int(math.isinf(value))
    return Health(finite, finite, finite, norm, int(value == 0), nan, inf, 1)
