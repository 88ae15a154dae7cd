"""Arithmetic on gradients that are arrays in a plain backward, and tensors under `create_graph`."""

import math
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor


def add(total: Any, gradient: Any) -> Any:
    """`total + gradient` into fresh memory; both are arrays, or tensors."""
    result = total + gradient
    return result if type(result) is np.ndarray or isinstance(result, Tensor) else np.asarray(result)


def fit(gradient: Any, shape: tuple[int, ...], dtype: Any) -> Any:
    """The gradient of a broadcast or promoted input: summed over the broadcast dimensions, in the input's dtype."""
    if isinstance(gradient, Tensor):
        if gradient._array.shape != shape:
            gradient = gradient.sum_to_size(shape)
        return gradient if gradient._array.dtype == dtype else gradient.to(dtype)
    have = gradient.shape
    if have != shape and shape == (1,) * len(have):
        gradient = np.add.reduce(gradient, None, keepdims=True)
    elif have != shape:
        lead = len(have) - len(shape)
        axes = (*range(lead), *[lead + i for i, n in enumerate(shape) if n == 1 and have[lead + i] != 1])
        gradient = np.add.reduce(gradient, None if len(axes) == len(have) else axes)  # None is quicker than all axes
        gradient = np.asarray(gradient)
        if gradient.size != math.prod(shape):
            raise RuntimeError(f"a gradient of shape {have} arrived for a tensor of shape {shape}")
        gradient = gradient.reshape(shape)
    if type(gradient) is np.ndarray and gradient.dtype is dtype:
        return gradient
    return np.asarray(gradient, dtype)
