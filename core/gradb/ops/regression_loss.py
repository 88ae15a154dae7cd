"""Losses of differences: mse_loss, l1_loss, smooth_l1_loss, huber_loss."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.complain import not_for
from gradb.ops.reducing import MEAN, NONE, paired, reduce_tensor, reduced, reduction_number, same_size, share


def _mse(self: Any, target: Any, reduction: int) -> Any:
    difference = not_for("biu", "mse_loss", self) - target
    return reduced(difference * difference, reduction)


def _mse_slope(grad: Any, self: Any, target: Any, reduction: int) -> Any:
    return (2.0 / max(lib.plain(self).size, 1) if reduction == MEAN else 2.0) * (self - target) * grad


MSE = Op(
    "MseLossBackward0",
    _mse,
    name="mse_loss",
    symbol="mean((self - target)²)",
    inputs=2,
    elementwise=True,
    self=Grad("∂L/∂out · 2 · (self - target) / count", _mse_slope),
    target=Grad(
        "-∂L/∂out · 2 · (self - target) / count",
        lambda grad, self, target, reduction: -_mse_slope(grad, self, target, reduction),
    ),
)


def _clipped(x: Any, low: float, high: float) -> Any:
    """x between two numbers; its gradient is 0 beyond them."""
    array = lib.plain(x)
    return lib.where(array <= low, low, lib.where(array >= high, high, x))


def _smooth(self: Any, target: Any, reduction: int, beta: float) -> Any:
    size = np.abs(self - target)
    return reduced(np.where(size < beta, 0.5 * size * size / beta, size - 0.5 * beta), reduction)


def _smooth_slope(grad: Any, self: Any, target: Any, reduction: int, beta: float) -> Any:
    slope = _clipped((self - target) / beta, -1.0, 1.0)
    return share(slope * grad, lib.plain(self).size, reduction)


SMOOTH_L1 = Op(
    "SmoothL1LossBackward0",
    _smooth,
    name="smooth_l1_loss",
    symbol="mean((self - target)² / (2 · beta) where |self - target| < beta, else |self - target| - beta / 2)",
    inputs=2,
    elementwise=True,
    self=Grad("∂L/∂out · ((self - target) / beta between -1 and 1) / count", _smooth_slope),
    target=Grad(
        "-∂L/∂out · ((self - target) / beta between -1 and 1) / count",
        lambda grad, self, target, reduction, beta: -_smooth_slope(grad, self, target, reduction, beta),
    ),
)


def _huber(self: Any, target: Any, reduction: int, delta: float) -> Any:
    size = np.abs(self - target)
    return reduced(np.where(size <= delta, 0.5 * size * size, delta * (size - 0.5 * delta)), reduction)


def _huber_slope(grad: Any, self: Any, target: Any, reduction: int, delta: float) -> Any:
    return share(_clipped(self - target, -delta, delta) * grad, lib.plain(self).size, reduction)


HUBER = Op(
    "HuberLossBackward0",
    _huber,
    name="huber_loss",
    symbol="mean((self - target)² / 2 where |self - target| <= delta, else delta · (|self - target| - delta / 2))",
    inputs=2,
    elementwise=True,
    self=Grad("∂L/∂out · (self - target between -delta and delta) / count", _huber_slope),
    target=Grad(
        "-∂L/∂out · (self - target between -delta and delta) / count",
        lambda grad, self, target, reduction, delta: -_huber_slope(grad, self, target, reduction, delta),
    ),
)


def _weighted(losses: Tensor, weight: Tensor, input: Tensor, reduction: int) -> Tensor:
    """Losses with a weight for each element; their mean is divided by the sum of the weights."""
    same_size(weight, input)
    weighted = losses * weight
    if reduction == NONE:
        return weighted
    return weighted.sum() / weight.sum() if reduction == MEAN else weighted.sum()


def mse_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """The mean (or sum) of the squared differences. Warns where the target has another shape than the input."""
    number = reduction_number(reduction, size_average, reduce)
    self, other = paired("mse_loss", input, target)
    if weight is not None:
        return _weighted((self - other).pow(2), weight, input, number)
    return apply(MSE, self, other, number)


def l1_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """The mean (or sum) of the absolute differences."""
    number = reduction_number(reduction, size_average, reduce)
    self, other = paired("l1_loss", input, target)
    losses = (self - other).abs()
    return reduce_tensor(losses, number) if weight is None else _weighted(losses, weight, input, number)


def smooth_l1_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", beta: float = 1.0,
) -> Tensor:  # fmt: skip
    """The mean of squared differences / (2 · beta) below beta, and of absolute ones - beta / 2 above."""
    number = reduction_number(reduction, size_average, reduce)
    self, other = paired("smooth_l1_loss", input, target)
    if beta < 0:
        raise RuntimeError(f"smooth_l1_loss wants a beta that is not negative, found {beta}")
    if beta == 0:
        return reduce_tensor((self - other).abs(), number)
    return apply(SMOOTH_L1, self, other, number, beta)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """The mean of half the squared differences up to delta, and of delta · (absolute ones - delta / 2) above."""
    number = reduction_number(reduction)
    self, other = paired("huber_loss", input, target)
    if delta <= 0:
        raise RuntimeError(f"huber_loss wants a delta above 0, found {delta}")
    if weight is None:
        return apply(HUBER, self, other, number, delta)
    same_size(weight, input)
    return reduce_tensor(apply(HUBER, self, other, NONE, delta) * weight, number)
