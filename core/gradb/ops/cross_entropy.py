"""cross_entropy: from scores and class numbers, or from scores and probabilities of the classes."""

from typing import Any

import numpy as np

from gradb.autograd.inplace import write_through
from gradb.autograd.tensor import Tensor
from gradb.ops.masking import MASKED_FILL
from gradb.ops.nll_loss import class_dim, negative_log_likelihood
from gradb.ops.number import over, times
from gradb.ops.reducing import NONE, SUM, reduction_number
from gradb.ops.softmax import log_softmax


def _per_class(weight: Tensor, input: Tensor, dim: int) -> Tensor:
    """The weights of the classes, shaped to be combined with the input."""
    dims = input._array.ndim
    return weight.view([-1 if d == dim else 1 for d in range(dims)])


def _check_weight(weight: Tensor | None, classes: int) -> None:
    if weight is not None and weight._array.shape != (classes,):
        raise RuntimeError(
            f"cross_entropy: the weight has one number for each of {classes} classes, found shape {weight._array.shape}"
        )


def _of_probabilities(input: Tensor, target: Tensor, weight: Tensor | None, number: int, smoothing: float) -> Tensor:
    dim = class_dim(input._array.ndim)
    classes = input._array.shape[dim] if input._array.ndim else 1
    _check_weight(weight, classes)
    scores = log_softmax(input, dim)
    if smoothing > 0:
        target = target * (1 - smoothing) + smoothing / classes
    products = scores * target
    if weight is not None:
        products = products * _per_class(weight, input, dim)
    if number == NONE:
        return -products.sum(dim)
    total = products.sum()
    if number == SUM:
        return -total
    if input._array.size == 0:
        return -total.fill_(np.nan)
    return over(-total, input._array.size // classes)


def _smoothed(scores: Tensor, target: Tensor, weight: Tensor | None, number: int, ignore: int) -> Tensor:
    """The mean over all classes of minus the log-probability, as if every class were as likely."""
    dim = class_dim(scores._array.ndim)
    losses = -(scores if weight is None else scores * _per_class(weight, scores, dim)).sum(dim)
    ignored = target.eq(ignore)
    losses = write_through(MASKED_FILL, losses, ignored, 0.0)
    if number == NONE:
        return losses
    if number == SUM:
        return losses.sum()
    kept = ignored.logical_not()
    count = kept.sum() if weight is None else weight[target[kept]].sum()
    return losses.sum() / count


def cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    ignore_index: int = -100, reduce: bool | None = None, reduction: str = "mean", label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """nll_loss of log_softmax, from scores (n, classes, ...) and class numbers (n, ...), or probabilities.

    A target of the input's shape holds probabilities. `label_smoothing` gives this part of each target's weight to all
    classes alike.
    """
    both: tuple[Any, ...] = (input, target)
    for value in both:
        if not isinstance(value, Tensor):
            raise TypeError(f"cross_entropy takes tensors, found {type(value).__name__}")
    number = reduction_number(reduction, size_average, reduce)
    if label_smoothing > 1:
        raise RuntimeError(f"label_smoothing is between 0 and 1, found {label_smoothing}")
    if input._array.shape == target._array.shape:
        if target._array.dtype.kind != "f":
            raise RuntimeError(
                f"a target of the input's shape {input._array.shape} holds probabilities, "
                f"found {target._array.dtype.name}"
            )
        if ignore_index >= 0:
            raise RuntimeError("ignore_index is for class numbers, the target holds probabilities")
        return _of_probabilities(input, target, weight, number, label_smoothing)
    dim = class_dim(input._array.ndim)
    scores = log_softmax(input, dim)
    loss = negative_log_likelihood(scores, target, weight, number, ignore_index)
    if label_smoothing <= 0:
        return loss
    smooth = _smoothed(scores, target, weight, number, ignore_index)
    return times(loss, 1 - label_smoothing) + times(smooth, label_smoothing / input._array.shape[dim])
