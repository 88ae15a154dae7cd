"""dropout and its forms for whole channels: in training a part of the input is set to 0, and the rest enlarged."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.tensor import Tensor
from gradb.ops.registry import torch_name
from gradb.random import default_generator


def _noise(p: float, shape: tuple[int, ...], array: Any) -> Any:
    """The mask for an array, drawn in the order in which the elements lie in memory, as torch does."""
    if p == 1:
        return np.zeros((), array.dtype)
    if shape != array.shape or array.flags.c_contiguous:
        return default_generator.dropout_mask(p, shape, array.dtype)
    order = sorted(range(array.ndim), key=lambda dim: -abs(array.strides[dim]))
    mask = default_generator.dropout_mask(p, tuple([shape[dim] for dim in order]), array.dtype)
    return mask.transpose(np.argsort(order))


@one_step
def _dropped(input: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    array = input._array
    if not training or p == 0 or array.size == 0:
        return input
    if array.dtype.kind != "f":
        raise RuntimeError(f"dropout is not defined for {array.dtype.name}: convert the tensor with .float() first")
    noise = Tensor._wrap(_noise(p, shape, array))
    return input.mul_(noise) if inplace else input * noise


@torch_name("dropout")
def torch_dropout(input: Tensor, p: float, train: bool) -> Tensor:
    """In training each element 0 with probability p, else divided by 1 - p."""
    if not 0.0 <= p <= 1.0:
        raise RuntimeError(f"dropout probability has to be between 0 and 1, but got {p}")
    return _dropped(input, p, train, False, input._array.shape)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element 0 with probability p, else divided by 1 - p; the input itself when not training."""
    return _dropped(input, p, training, inplace, input._array.shape)


def _channels(input: Tensor, p: float, training: bool, inplace: bool) -> Tensor:
    shape = input._array.shape
    return _dropped(input, p, training, inplace, (*shape[:2], *[1] * (len(shape) - 2)))


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Whole channels of (batch, channels, size) 0 with probability p, the others divided by 1 - p."""
    dims = input._array.ndim
    if dims not in (2, 3):
        raise RuntimeError(f"dropout1d wants 3 dims, or 2 without a batch, found shape {input._array.shape}")
    if dims == 3:
        return _channels(input, p, training, inplace)
    return _channels(input.unsqueeze(0), p, training, inplace).squeeze(0)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Whole channels of (batch, channels, h, w) 0 with probability p, the others divided by 1 - p."""
    shape = input._array.shape
    if len(shape) != 4:
        complaints.warn(f"dropout2d wants (batch, channels, h, w), found shape {shape}: dim 1 counts as the channels")
    return _channels(input, p, training, inplace)
