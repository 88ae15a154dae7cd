"""Drawing indices by weight from torch's stream: multinomial."""

import numpy as np

from gradb.autograd.capture import one_step
from gradb.autograd.tensor import Tensor
from gradb.ops.complain import floats_only
from gradb.ops.creation import made
from gradb.ops.registry import tensor_method, torch_name
from gradb.random import Generator, default_generator
from gradb.trace.events import Array


@torch_name()
@tensor_method()
@one_step
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Indices (int64) of `num_samples` elements of each row, or of a vector, drawn with its elements as weights.

    Raises RuntimeError for weights that are negative, not finite or all 0, and where without replacement there are
    fewer elements than samples.
    """
    floats_only("multinomial", input)
    weights = input._array
    if weights.ndim not in (1, 2):
        raise RuntimeError(f"multinomial draws from a vector or from rows, and the input has {weights.ndim} dims")
    if num_samples < 1:
        raise RuntimeError(f"multinomial draws at least 1 sample, found {num_samples}")
    if not replacement and num_samples > weights.shape[-1]:
        raise RuntimeError(f"{num_samples} samples without replacement need as many elements, not {weights.shape[-1]}")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise RuntimeError("multinomial wants weights that are finite and not negative")
    if not weights.any(-1).all():
        raise RuntimeError("multinomial cannot draw where every weight is 0")
    source = default_generator if generator is None else generator
    many = replacement and num_samples > 1
    return made(_again(weights, num_samples, source) if many else _once(weights, num_samples, source), "multinomial")


def _once(weights: Array, count: int, source: Generator) -> Array:
    """Those that come first, where each waits for an exponential time with its weight as rate."""
    waiting = -np.log1p(-source.uniform(weights.shape, np.float64))
    with np.errstate(divide="ignore"):
        speed = weights / waiting.astype(weights.dtype)
    return np.argsort(-speed, -1, kind="stable")[..., :count].astype(np.int64)


def _again(weights: Array, count: int, source: Generator) -> Array:
    """By the place of a uniform number among the sums of the weights."""
    drawn = source.uniform((*weights.shape[:-1], count), np.float64)
    sums = np.cumsum(weights, -1, dtype=weights.dtype)
    shares = (sums / sums[..., -1:]).astype(np.float64)
    shares[..., -1] = 1.0
    rows = zip(shares.reshape(-1, shares.shape[-1]), drawn.reshape(-1, count), strict=True)
    return np.stack([np.searchsorted(row, values) for row, values in rows]).reshape(drawn.shape).astype(np.int64)
