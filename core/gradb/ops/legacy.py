"""The old constructors `torch.FloatTensor([1, 2])` and their like."""

from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.ops.args import sizes
from gradb.ops.creation import array_from, made
from gradb.ops.dtypes import bool_, dtype, float32, float64, int32, int64


def _typed(kind: dtype, *data: Any) -> Tensor:
    if len(data) == 1 and not isinstance(data[0], int):
        return made(array_from(data[0], kind), "Tensor")
    return made(np.zeros(sizes(data) if data else (0,), kind.numpy), "Tensor")


def FloatTensor(*data: Any) -> Tensor:
    """A float32 tensor of nested lists, or of a shape."""
    return _typed(float32, *data)


def DoubleTensor(*data: Any) -> Tensor:
    """A float64 tensor of nested lists, or of a shape."""
    return _typed(float64, *data)


def IntTensor(*data: Any) -> Tensor:
    """An int32 tensor of nested lists, or of a shape."""
    return _typed(int32, *data)


def LongTensor(*data: Any) -> Tensor:
    """An int64 tensor of nested lists, or of a shape."""
    return _typed(int64, *data)


def BoolTensor(*data: Any) -> Tensor:
    """A bool tensor of nested lists, or of a shape."""
    return _typed(bool_, *data)
