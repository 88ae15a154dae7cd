"""nll_loss: minus the log-probability of each target's class, for rows of classes and for images of them."""

import math
from functools import partial
from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.linear_map import mapped
from gradb.ops.reducing import MEAN, NONE, reduction_number
from gradb.ops.unsigned import shown_unsigned


def class_dim(dims: int) -> int:
    """The dim that the classes lie in."""
    return 1 if dims > 1 else 0


def _weights(target: Any, weight: Any, ignore_index: int, dtype: Any) -> tuple[Any, Any]:
    """The class of each target (0 where it is ignored), and how much the target counts."""
    counts = target != ignore_index
    if weight is None and target.dtype == np.int64 and counts.all():
        return target, np.ones(target.shape, dtype)
    classes = np.where(counts, target, 0).astype(np.int64)
    return classes, counts.astype(dtype) if weight is None else weight[classes] * counts


def _picked(self: Any, classes: Any) -> Any:
    if self.ndim == 2:
        return self[np.arange(self.shape[0]), classes]
    dim = class_dim(self.ndim)
    return np.take_along_axis(self, np.expand_dims(classes, dim), dim).squeeze(dim)


def _placed(values: Any, classes: Any, shape: tuple[int, ...]) -> Any:
    """The transpose of `_picked`."""
    dim = class_dim(len(shape))
    whole = np.zeros(shape, values.dtype)
    if len(shape) == 2:
        whole[np.arange(shape[0]), classes] = values
        return whole
    np.put_along_axis(whole, np.expand_dims(classes, dim), np.expand_dims(values, dim), dim)
    return whole


def _nll(self: Any, target: Any, weight: Any, reduction: int, ignore_index: int) -> tuple[Any, Any]:
    classes, weights = _weights(target, weight, ignore_index, self.dtype)
    losses = -_picked(self, classes) * weights
    if weights.size:
        losses = np.where(weights == 0, self.dtype.type(0), losses)
    if reduction == NONE:
        return np.ascontiguousarray(losses).reshape(losses.shape), np.asarray(0, self.dtype)
    total = np.asarray(np.add.reduce(weights, None), self.dtype)
    loss = np.add.reduce(losses, None)
    return np.asarray(loss / total if reduction == MEAN else loss, self.dtype), total


def _gradient(
    grads: Any, self: Any, target: Any, weight: Any, reduction: int, ignore_index: int, total_weight: Any
) -> Any:
    array = lib.plain(self)
    fixed = None if weight is None else lib.plain(weight)
    classes, weights = _weights(lib.plain(target), fixed, ignore_index, array.dtype)
    factor = -weights / lib.plain(total_weight) if reduction == MEAN else -weights
    factor = np.where(weights == 0, array.dtype.type(0), factor)
    each = grads[0] * (Tensor._wrap(factor) if isinstance(grads[0], Tensor) else factor)
    return mapped(each, partial(_placed, classes=classes, shape=array.shape), partial(_picked, classes=classes))


def _op(node: str) -> Op:
    return Op(
        node,
        _nll,
        name="nll_loss",
        symbol="-mean(self[target])",
        inputs=1,
        outputs=("output", "total_weight"),
        nondifferentiable=("total_weight",),
        self=Grad("-∂L/∂out · weight[target] / total_weight at the class in target, else 0", _gradient),
    )


NLL = _op("NllLossBackward0")
NLL2D = _op("NllLoss2DBackward0")
shown_unsigned(NLL, "ignore_index")
shown_unsigned(NLL2D, "ignore_index")


def check(scores: Any, target: Any, weight: Any, ignore_index: int) -> None:
    """Raises unless there is one class number for each row of scores, and a weight for each class."""
    if scores.ndim == 0:
        raise ValueError("nll_loss wants an input with a dim for the classes, found one number")
    if scores.ndim == 1:
        if target.size != 1:
            raise ValueError(f"nll_loss of one row wants one class number, found shape {target.shape}")
    elif target.ndim == 0 or scores.shape[0] != target.shape[0]:
        raise ValueError(f"the batch of the input, {scores.shape}, is not that of the target, {target.shape}")
    if target.dtype not in (np.dtype(np.int64), np.dtype(np.uint8)):
        raise RuntimeError(f"nll_loss wants class numbers (int64) as target, found {target.dtype.name}")
    wanted = (*scores.shape[:1], *scores.shape[2:]) if scores.ndim > 1 else target.shape
    if wanted != target.shape:
        raise RuntimeError(f"an input of shape {scores.shape} wants targets of shape {wanted}, found {target.shape}")
    classes = scores.shape[class_dim(scores.ndim)]
    if weight is not None:
        if weight.shape != (classes,):
            raise RuntimeError(f"the weight has one number for each of {classes} classes, found shape {weight.shape}")
        if weight.dtype != scores.dtype:
            raise complaints.dtypes_differ("nll_loss", scores.dtype, weight.dtype)
    wrong = (target != ignore_index) & ((target < 0) | (target >= classes))
    if wrong.any():
        raise IndexError(f"target {target[wrong].flat[0]} is out of bounds: there are {classes} classes, from 0")


def negative_log_likelihood(
    input: Tensor, target: Tensor, weight: Tensor | None, number: int, ignore_index: int
) -> Tensor:
    """nll_loss with torch's number of a reduction."""
    scores = input._array
    check(scores, target._array, None if weight is None else weight._array, ignore_index)
    if scores.ndim <= 2:
        if scores.ndim == 1 and target._array.ndim:
            target = target.reshape(())
        return apply(NLL, input, target, weight, number, ignore_index)[0]
    if scores.ndim == 4:
        return apply(NLL2D, input, target, weight, number, ignore_index)[0]
    area = math.prod(scores.shape[2:])
    rows = input.contiguous().view(*scores.shape[:2], 1, area)
    places = target.contiguous().view(target._array.shape[0], 1, area)
    loss = apply(NLL2D, rows, places, weight, number, ignore_index)[0]
    return loss.view(target._array.shape) if number == NONE else loss


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """Minus the log-probability of the target's class, from (n, classes, ...) and class numbers (n, ...).

    `weight` has a number for each class; the mean is divided by the weights of the targets. Targets that are
    `ignore_index` do not count.
    """
    number = reduction_number(reduction, size_average, reduce)
    return negative_log_likelihood(input, target, weight, number, ignore_index)
