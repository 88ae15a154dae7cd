"""Functions without parameters (`import torch.nn.functional as F`)."""

from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.ops.activation import elu as elu
from gradb.ops.activation import gelu as gelu
from gradb.ops.activation import hardtanh as hardtanh
from gradb.ops.activation import leaky_relu as leaky_relu
from gradb.ops.activation import relu as _relu
from gradb.ops.activation import relu6 as relu6
from gradb.ops.activation import silu as silu
from gradb.ops.activation import softplus as softplus
from gradb.ops.loss import binary_cross_entropy as binary_cross_entropy
from gradb.ops.loss import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from gradb.ops.loss import cross_entropy as cross_entropy
from gradb.ops.loss import l1_loss as l1_loss
from gradb.ops.loss import mse_loss as mse_loss
from gradb.ops.loss import nll_loss as nll_loss
from gradb.ops.matrix import linear as linear
from gradb.ops.pointwise import sigmoid as sigmoid
from gradb.ops.pointwise import tanh as tanh
from gradb.ops.softmax import log_softmax as _log_softmax
from gradb.ops.softmax import softmax as _softmax
from gradb.random import default_generator

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "dropout",
    "elu",
    "gelu",
    "hardtanh",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "relu",
    "relu6",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]


def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """The positive part."""
    return input.relu_() if inplace else _relu(input)


def softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """e^input / Σ e^input along a dim."""
    return _softmax(input, dim, dtype)


def log_softmax(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """The logarithm of softmax along a dim."""
    return _log_softmax(input, dim, dtype)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Each element 0 with probability p, else divided by 1 - p; the input itself when not training."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or input._array.size == 0:
        return input
    mask = Tensor._wrap(default_generator.dropout_mask(p, input._array.shape, input._array.dtype))
    return input.mul_(mask) if inplace else input * mask


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """For each class number a row of zeros with a 1 at its place."""
    classes = tensor._array
    if classes.dtype != np.int64:
        raise RuntimeError(f"one_hot wants class numbers in int64, found {classes.dtype.name}")
    if classes.size and classes.min() < 0:
        raise RuntimeError("one_hot wants class numbers that are not negative")
    count = int(classes.max()) + 1 if num_classes == -1 else num_classes
    if classes.size and classes.max() >= count:
        raise RuntimeError(f"one_hot: class {classes.max()} is not below num_classes={num_classes}")
    return Tensor._wrap(np.eye(count, dtype=np.int64)[classes])
