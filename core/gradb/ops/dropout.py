"""dropout and its forms for whole channels: in training a part of the input is set to 0, and the rest enlarged."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.tensor import Tensor
from gradb.ops.registry import torch_name
from gradb.random import default_generator


def _dropped(input: Tensor, p: float, training: bool, inplace: bool, shape: tuple[int, ...]) -> Tensor:
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    array = input._array
    if not training or p == 0 or array.size == 0:
        return input
    if array.dtype.kind != "f":
        raise RuntimeError(f"dropout is not defined for {array.dtype.name}: convert the tensor with .float() first")
    if p == 1:
        mask = np.zeros((), array.dtype)
    else:
        mask = default_generator.dropout_mask(p, shape, array.dtype)
    noise = Tensor._wrap(mask)
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


def _channels(op: str, input: Tensor, p: float, training: bool, inplace: bool, dims: int) -> Tensor:
    shape = input._array.shape
    if len(shape) == dims - 1:
        return _dropped(input, p, training, inplace, (shape[0], *[1] * (dims - 2)))
    if len(shape) != dims:
        complaints.warn(f"{op} wants {dims} dims, or {dims - 1} without a batch; found shape {shape}")
    return _dropped(input, p, training, inplace, (*shape[:2], *[1] * (len(shape) - 2)))


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Whole channels of (batch, channels, size) 0 with probability p, the others divided by 1 - p."""
    return _channels("dropout1d", input, p, training, inplace, 3)


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Any:
    """Whole channels of (batch, channels, h, w) 0 with probability p, the others divided by 1 - p."""
    return _channels("dropout2d", input, p, training, inplace, 4)
