"""Mean 0 and variance 1, on arrays and tensors: what the normalisations and their gradients are made of."""

import math
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.ops import lib

Axes = tuple[int, ...]


def moments(x: Any, axes: Axes, eps: float) -> tuple[Any, Any]:
    """The mean over `axes` and 1 / √(variance + eps), with the axes kept at size 1."""
    count = x.dtype.type(max(_count(x, axes), 1))
    mean = np.add.reduce(x, axes, keepdims=True) / count
    difference = x - mean
    variance = np.add.reduce(difference * difference, axes, keepdims=True) / count
    return mean, 1 / np.sqrt(variance + x.dtype.type(eps))


def _count(x: Any, axes: Axes) -> int:
    return math.prod([x.shape[axis] for axis in axes])


def mean_of(x: Any, axes: Axes) -> Any:
    """The mean over axes, which are kept at size 1."""
    return lib.sum_dims(x, axes, True) / max(_count(x, axes), 1)


def centered(x: Any, mean: Any, rstd: Any, axes: Axes) -> tuple[Any, Any]:
    """x̂ = (x - mean) · rstd, and rstd, from what the forward pass saved.

    On tensors both moments are computed again, so that gradients flow through them. What was added to the variance
    is not among the saved fields; it follows from them, since 1 / rstd² is the variance and this addition.
    """
    if not isinstance(x, Tensor):
        return (x - mean) * rstd, rstd
    difference = x - mean_of(x, axes)
    variance = mean_of(difference * difference, axes)
    added = 1 / np.square(lib.plain(rstd)) - variance._array
    again = (variance + Tensor._wrap(added)).rsqrt()
    return difference * again, again


def for_input(grad: Any, standard: Any, rstd: Any, axes: Axes) -> Any:
    """The gradient for x from that for x̂: without its mean, and without its part along x̂."""
    return (grad - mean_of(grad, axes) - standard * mean_of(grad * standard, axes)) * rstd
