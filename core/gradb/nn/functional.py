"""Functions without parameters (`import torch.nn.functional as F`)."""

from typing import Any

import numpy as np

from gradb.autograd.capture import one_step
from gradb.autograd.tensor import Tensor
from gradb.ops.activation import gelu as gelu
from gradb.ops.activation import hardtanh as hardtanh
from gradb.ops.activation import hardtanh_ as hardtanh_
from gradb.ops.activation import leaky_relu as leaky_relu
from gradb.ops.activation import leaky_relu_ as leaky_relu_
from gradb.ops.activation import relu as _relu
from gradb.ops.activation import relu6 as relu6
from gradb.ops.activation import relu_ as relu_
from gradb.ops.activation import silu as silu
from gradb.ops.activation import softplus as softplus
from gradb.ops.avg_pool import adaptive_avg_pool1d as adaptive_avg_pool1d
from gradb.ops.avg_pool import adaptive_avg_pool2d as adaptive_avg_pool2d
from gradb.ops.avg_pool import avg_pool1d as avg_pool1d
from gradb.ops.avg_pool import avg_pool2d as avg_pool2d
from gradb.ops.batch_norm import batch_norm as batch_norm
from gradb.ops.binary_loss import binary_cross_entropy as binary_cross_entropy
from gradb.ops.binary_loss import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from gradb.ops.binary_loss import soft_margin_loss as soft_margin_loss
from gradb.ops.convolution import conv1d as conv1d
from gradb.ops.convolution import conv2d as conv2d
from gradb.ops.cross_entropy import cross_entropy as cross_entropy
from gradb.ops.divergence import kl_div as kl_div
from gradb.ops.dropout import dropout as dropout
from gradb.ops.dropout import dropout1d as dropout1d
from gradb.ops.dropout import dropout2d as dropout2d
from gradb.ops.embedding import embedding as embedding
from gradb.ops.exponential_units import celu as celu
from gradb.ops.exponential_units import celu_ as celu_
from gradb.ops.exponential_units import elu as elu
from gradb.ops.exponential_units import elu_ as elu_
from gradb.ops.exponential_units import selu as selu
from gradb.ops.exponential_units import selu_ as selu_
from gradb.ops.gates import glu as glu
from gradb.ops.gates import hardsigmoid as hardsigmoid
from gradb.ops.gates import hardswish as hardswish
from gradb.ops.gates import logsigmoid as logsigmoid
from gradb.ops.gates import mish as mish
from gradb.ops.gates import prelu as prelu
from gradb.ops.gates import softsign as softsign
from gradb.ops.layer_norm import group_norm as group_norm
from gradb.ops.layer_norm import layer_norm as layer_norm
from gradb.ops.layer_norm import rms_norm as rms_norm
from gradb.ops.matrix import linear as linear
from gradb.ops.max_pool import max_pool1d as max_pool1d
from gradb.ops.max_pool import max_pool1d_with_indices as max_pool1d_with_indices
from gradb.ops.max_pool import max_pool2d as max_pool2d
from gradb.ops.max_pool import max_pool2d_with_indices as max_pool2d_with_indices
from gradb.ops.nll_loss import nll_loss as nll_loss
from gradb.ops.padding import pad as pad
from gradb.ops.pointwise import sigmoid as sigmoid
from gradb.ops.pointwise import tanh as tanh
from gradb.ops.ranking_loss import hinge_embedding_loss as hinge_embedding_loss
from gradb.ops.ranking_loss import margin_ranking_loss as margin_ranking_loss
from gradb.ops.regression_loss import huber_loss as huber_loss
from gradb.ops.regression_loss import l1_loss as l1_loss
from gradb.ops.regression_loss import mse_loss as mse_loss
from gradb.ops.regression_loss import smooth_l1_loss as smooth_l1_loss
from gradb.ops.shrink import hardshrink as hardshrink
from gradb.ops.shrink import softshrink as softshrink
from gradb.ops.shrink import tanhshrink as tanhshrink
from gradb.ops.shrink import threshold as threshold
from gradb.ops.shrink import threshold_ as threshold_
from gradb.ops.similarity import cosine_embedding_loss as cosine_embedding_loss
from gradb.ops.similarity import cosine_similarity as cosine_similarity
from gradb.ops.similarity import normalize as normalize
from gradb.ops.similarity import pairwise_distance as pairwise_distance
from gradb.ops.similarity import triplet_margin_loss as triplet_margin_loss
from gradb.ops.softmax import log_softmax as _log_softmax
from gradb.ops.softmax import softmax as _softmax

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "celu_",
    "conv1d",
    "conv2d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "dropout1d",
    "dropout2d",
    "elu",
    "elu_",
    "embedding",
    "gelu",
    "glu",
    "group_norm",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "hinge_embedding_loss",
    "huber_loss",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "leaky_relu_",
    "linear",
    "log_softmax",
    "logsigmoid",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "mish",
    "mse_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "prelu",
    "relu",
    "relu6",
    "relu_",
    "rms_norm",
    "selu",
    "selu_",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "threshold_",
    "triplet_margin_loss",
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


def softmin(input: Tensor, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Tensor:
    """softmax of the negated input along a dim."""
    return _softmax(-input, dim, dtype)


@one_step
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
