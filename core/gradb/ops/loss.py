"""Loss functions: mse_loss, l1_loss, nll_loss, cross_entropy, binary_cross_entropy and that with logits."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply, unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.arithmetic import DIV_NUMBER, MUL_NUMBER
from gradb.ops.softmax import log_softmax

NONE, MEAN, SUM = range(3)  # torch's numbers for how losses are reduced


def reduction_number(reduction: str) -> int:
    """torch's number for 'none', 'mean' or 'sum'. Raises ValueError for anything else."""
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"reduction is 'none', 'mean' or 'sum', found {reduction!r}")
    return ("none", "mean", "sum").index(reduction)


def _reduced(losses: Any, reduction: int) -> Any:
    if reduction == NONE:
        return losses
    total = np.add.reduce(losses, None)
    return total if reduction == SUM else np.asarray(total / losses.size if losses.size else np.nan, losses.dtype)


def _share(grad: Any, count: int, reduction: int) -> Any:
    """What each element gets of the gradient of the reduced loss."""
    return grad / count if reduction == MEAN else grad


def _mse(self: Any, target: Any, reduction: int) -> Any:
    difference = self - target
    return _reduced(difference * difference, reduction)


def _mse_slope(grad: Any, self: Any, target: Any, reduction: int) -> Any:
    return (2.0 / lib.plain(self).size if reduction == MEAN else 2.0) * (self - target) * grad


MSE = Op(
    "MseLossBackward0",
    _mse,
    name="mse_loss",
    symbol="mean((self - target)²)",
    inputs=2,
    self=Grad("∂L/∂out · 2 · (self - target) / count", _mse_slope),
    target=Grad(
        "-∂L/∂out · 2 · (self - target) / count",
        lambda grad, self, target, reduction: -_mse_slope(grad, self, target, reduction),
    ),
)


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The mean (or sum) of the squared differences. Warns where the target has another shape than the input."""
    number = reduction_number(reduction)
    if input._array.shape != target._array.shape:
        complaints.warn(
            f"mse_loss: the target has shape {target._array.shape} and the input {input._array.shape}. They are "
            "broadcast against each other, which is rarely meant: give both the same shape"
        )
        shape = _common(input, target, "mse_loss")
        input = input if input._array.shape == shape else input.expand(shape)
        target = target if target._array.shape == shape else target.expand(shape)
    input, target = _same_dtype(input, target)
    return apply(MSE, input, target, number)


def _common(input: Tensor, target: Tensor, op: str) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(input._array.shape, target._array.shape)
    except ValueError:
        raise complaints.shapes_differ(op, input._array.shape, target._array.shape) from None


def _same_dtype(input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    if input._array.dtype is target._array.dtype:
        return input, target
    from gradb.autograd.promotion import result_type
    from gradb.ops.convert import to_dtype

    dtype = result_type(input._array, target._array)
    return to_dtype(input, dtype), to_dtype(target, dtype)


def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """The mean (or sum) of the absolute differences."""
    number = reduction_number(reduction)
    if input._array.shape != target._array.shape:
        complaints.warn(
            f"l1_loss: the target has shape {target._array.shape} and the input {input._array.shape}. They are "
            "broadcast against each other, which is rarely meant: give both the same shape"
        )
    losses = (input - target).abs()
    return losses if number == NONE else losses.mean() if number == MEAN else losses.sum()


def _rows(self: Any, target: Any, ignore_index: int) -> tuple[Any, Any]:
    """Which targets count, and the targets with the others replaced by class 0."""
    counts = target != ignore_index
    return counts, np.where(counts, target, 0)


def _nll(self: Any, target: Any, weight: Any, reduction: int, ignore_index: int) -> Any:
    counts, classes = _rows(self, target, ignore_index)
    picked = np.take_along_axis(
        self, np.expand_dims(classes, self.ndim - target.ndim if self.ndim > 1 else 0), _dim(self)
    )
    weights = counts.astype(self.dtype) if weight is None else weight[classes] * counts
    losses = -np.squeeze(picked, _dim(self)) * weights
    total = np.asarray(np.add.reduce(weights, None), self.dtype)
    if reduction == NONE:
        return losses, np.asarray(0, self.dtype)
    summed = np.add.reduce(losses, None)
    return np.asarray(summed / total if reduction == MEAN else summed, self.dtype), total


def _dim(array: Any) -> int:
    return 1 if array.ndim > 1 else 0


def _nll_gradient(
    grads: Any, self: Any, target: Any, weight: Any, reduction: int, ignore_index: int, total_weight: Any
) -> Any:
    grad = grads[0]
    array = lib.plain(self)
    counts, classes = _rows(array, lib.plain(target), ignore_index)
    dim = _dim(array)
    weights = counts.astype(array.dtype) if weight is None else lib.plain(weight)[classes] * counts
    if reduction == MEAN:
        weights = weights / lib.plain(total_weight)
    mask = np.zeros_like(array)
    np.put_along_axis(mask, np.expand_dims(classes, dim), np.expand_dims(-weights, dim), dim)
    if isinstance(grad, Tensor):
        spread = grad if reduction != NONE else grad.unsqueeze(dim)
        return spread * Tensor._wrap(mask)
    return mask * (grad if reduction != NONE else np.expand_dims(grad, dim))


NLL = Op(
    "NllLossBackward0",
    _nll,
    name="nll_loss",
    symbol="-mean(self[target])",
    inputs=1,
    outputs=("output", "total_weight"),
    nondifferentiable=("total_weight",),
    self=Grad("-∂L/∂out / count at the target's class, else 0", _nll_gradient),
)


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """Minus the log-probability of the target's class, from (n, classes) and n class numbers."""
    number = reduction_number(reduction)
    scores, classes = input._array, target._array
    if classes.dtype.kind not in "iu":
        raise RuntimeError(f"nll_loss wants class numbers (int64) as target, found {classes.dtype.name}")
    if scores.ndim == 0 or (scores.shape[:1] if scores.ndim > 1 else ()) + scores.shape[2:] != classes.shape:
        raise ValueError(
            f"the input has shape {scores.shape} and wants targets of shape "
            f"{(scores.shape[:1] if scores.ndim > 1 else ()) + scores.shape[2:]}, found {classes.shape}"
        )
    count = scores.shape[_dim(scores)]
    wrong = (classes != ignore_index) & ((classes < 0) | (classes >= count))
    if wrong.any():
        raise IndexError(f"target {classes[wrong].flat[0]} is out of bounds: there are {count} classes, from 0")
    return apply(NLL, input, target, weight, number, ignore_index)[0]


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """nll_loss of log_softmax: from scores and class numbers, or from scores and probabilities of the same shape."""
    number = reduction_number(reduction)
    dim = _dim(input._array)
    scores = log_softmax(input, dim)
    if target._array.dtype.kind == "f":
        return _cross_entropy_probabilities(scores, target, weight, number, label_smoothing)
    loss = nll_loss(scores, target, weight, ignore_index, reduction)
    if not label_smoothing:
        return loss
    classes = input._array.shape[dim]
    ignored = target == ignore_index
    smooth = -(scores if weight is None else scores * _along(weight, dim, scores)).sum(dim)
    smooth.masked_fill_(ignored, 0.0)
    if number == MEAN:
        total = (~ignored).sum() if weight is None else weight[target[~ignored]].sum()
        smooth = smooth.sum() / total
    elif number == SUM:
        smooth = smooth.sum()
    return unary(MUL_NUMBER, loss, 1 - label_smoothing) + unary(MUL_NUMBER, smooth, label_smoothing / classes)


def _along(weight: Tensor, dim: int, scores: Tensor) -> Tensor:
    """A weight for each class, shaped to be multiplied with scores whose classes lie along `dim`."""
    return weight.view([weight._array.size if d == dim else 1 for d in range(scores._array.ndim)])


def _cross_entropy_probabilities(
    scores: Tensor, target: Tensor, weight: Tensor | None, reduction: int, label_smoothing: float
) -> Tensor:
    dim = _dim(scores._array)
    if target._array.shape != scores._array.shape:
        raise RuntimeError(
            f"cross_entropy wants class numbers (int64), or probabilities of the input's shape "
            f"{scores._array.shape}; found floats of shape {target._array.shape}"
        )
    classes = max(scores._array.shape[dim], 1)
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    weighted = scores * target
    if weight is not None:
        weighted = weighted * _along(weight, dim, scores)
    if reduction == NONE:
        return -weighted.sum(dim)
    loss = -weighted.sum()
    return loss if reduction == SUM else unary(DIV_NUMBER, loss, scores._array.size // classes)


def _bce(self: Any, target: Any, weight: Any, reduction: int) -> Any:
    least = self.dtype.type(-100)
    losses = -(target * np.maximum(np.log(self), least) + (1 - target) * np.maximum(np.log1p(-self), least))
    return _reduced(losses if weight is None else losses * weight, reduction)


def _bce_gradient(grad: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    least = (1 - self) * self
    slope = (self - target) / (least if isinstance(least, Tensor) else np.maximum(least, self.dtype.type(1e-12)))
    slope = grad * (slope if weight is None else slope * weight)
    return _share(slope, lib.plain(self).size, reduction)


BCE = Op(
    "BinaryCrossEntropyBackward0",
    _bce,
    name="binary_cross_entropy",
    symbol="-mean(target · ln(self) + (1 - target) · ln(1 - self))",
    inputs=2,
    self=Grad("∂L/∂out · (self - target) / (self · (1 - self)) / count", _bce_gradient),
    target=Grad(
        "∂L/∂out · (ln(1 - self) - ln(self)) / count",
        lambda grad, self, target, weight, reduction: _share(
            grad * ((lib.log(1 - self) - lib.log(self)) * (1 if weight is None else weight)),
            lib.plain(self).size,
            reduction,
        ),
    ),
)


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """The cross entropy of probabilities and targets of the same shape, both between 0 and 1."""
    number = reduction_number(reduction)
    if input._array.shape != target._array.shape:
        raise ValueError(
            f"binary_cross_entropy wants a target of the input's shape {input._array.shape}, found "
            f"{target._array.shape}: reshape it, for example with .unsqueeze(1) or .view_as(input)"
        )
    if input._array.dtype != target._array.dtype:
        raise complaints.dtypes_differ("binary_cross_entropy", input._array.dtype, target._array.dtype)
    if ((input._array < 0) | (input._array > 1)).any():
        raise RuntimeError("binary_cross_entropy wants an input between 0 and 1; for scores use the one with logits")
    return apply(BCE, input, target, weight, number)


def _bce_logits(self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    soft = np.log1p(np.exp(-np.abs(self))) + np.maximum(-self, self.dtype.type(0))
    factor = 1 if pos_weight is None else (pos_weight - 1) * target + 1
    losses = (1 - target) * self + factor * soft
    return _reduced(losses if weight is None else losses * weight, reduction)


def _bce_logits_gradient(grad: Any, self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    if pos_weight is None:
        slope = lib.sigmoid(self) - target
    else:
        positive = pos_weight * target
        slope = (positive + 1 - target) * lib.sigmoid(self) - positive
    slope = grad * (slope if weight is None else slope * weight)
    return _share(slope, lib.plain(self).size, reduction)


def _bce_logits_target(grad: Any, self: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    slope = -self if pos_weight is None else (1 - pos_weight) * lib.log(lib.sigmoid(self)) - self
    return _share(grad * (slope if weight is None else slope * weight), lib.plain(self).size, reduction)


BCE_LOGITS = Op(
    "BinaryCrossEntropyWithLogitsBackward0",
    _bce_logits,
    name="binary_cross_entropy_with_logits",
    symbol="-mean(target · ln(σ(self)) + (1 - target) · ln(1 - σ(self)))",
    inputs=2,
    self=Grad("∂L/∂out · (σ(self) - target) / count", _bce_logits_gradient),
    target=Grad(
        "-∂L/∂out · self / count",
        lambda grad, self, weight, pos_weight, reduction: _bce_logits_target(grad, self, weight, pos_weight, reduction),
    ),
)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """binary_cross_entropy of σ(input), without overflow."""
    number = reduction_number(reduction)
    if input._array.shape != target._array.shape:
        raise ValueError(f"the target must have the input's shape {input._array.shape}, found {target._array.shape}")
    input, target = _same_dtype(input, target)
    return apply(BCE_LOGITS, input, target, weight, pos_weight, number)
