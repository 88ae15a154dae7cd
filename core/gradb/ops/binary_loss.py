"""Losses of two classes: binary_cross_entropy, the same with logits, soft_margin_loss."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.reducing import reduced, reduction_number, share


def _bce(self: Any, target: Any, weight: Any, reduction: int) -> Any:
    least = self.dtype.type(-100)
    losses = (target - 1) * np.maximum(np.log1p(-self), least) - target * np.maximum(np.log(self), least)
    return reduced(losses if weight is None else losses * weight, reduction)


def _bce_gradient(grad: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    spread = (1 - self) * self
    slope = (self - target) / lib.where(lib.plain(spread) < 1e-12, 1e-12, spread)
    slope = grad * slope if weight is None else grad * slope * weight
    return share(slope, lib.plain(self).size, reduction)


def _bce_target(grad: Any, self: Any, target: Any, weight: Any, reduction: int) -> Any:
    slope = lib.log(1 - self) - lib.log(self)
    return share(grad * (slope if weight is None else slope * weight), lib.plain(self).size, reduction)


BCE = Op(
    "BinaryCrossEntropyBackward0",
    _bce,
    name="binary_cross_entropy",
    symbol="-mean(target · ln(self) + (1 - target) · ln(1 - self))",
    inputs=2,
    self=Grad("∂L/∂out · (self - target) / (self · (1 - self)) / count", _bce_gradient),
    target=Grad("∂L/∂out · (ln(1 - self) - ln(self)) / count", _bce_target),
)


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The cross entropy of probabilities and targets of the same shape, both between 0 and 1."""
    number = reduction_number(reduction, size_average, reduce)
    shape = input._array.shape
    if target._array.shape != shape:
        raise ValueError(
            f"binary_cross_entropy wants a target of the input's shape {shape}, found {target._array.shape}: "
            "reshape it, for example with .unsqueeze(1) or .view_as(input)"
        )
    if weight is not None:
        try:
            weight = weight.expand(np.broadcast_shapes(shape, weight._array.shape))
        except ValueError:
            raise complaints.shapes_differ("binary_cross_entropy", shape, weight._array.shape) from None
    if target._array.dtype != input._array.dtype:
        raise complaints.dtypes_differ("binary_cross_entropy", input._array.dtype, target._array.dtype)
    if ((input._array < 0) | (input._array > 1)).any():
        raise RuntimeError("binary_cross_entropy wants an input between 0 and 1; for scores use the one with logits")
    return apply(BCE, input, target, weight, number)


def _bce_logits(self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    soft = np.log1p(np.exp(-np.abs(self))) + np.maximum(-self, self.dtype.type(0))
    losses = (1 - target) * self + (soft if pos_weight is None else ((pos_weight - 1) * target + 1) * soft)
    return reduced(losses if weight is None else losses * weight, reduction)


def _bce_logits_gradient(grad: Any, self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    if pos_weight is None:
        slope = (lib.sigmoid(self) - target) * grad
    else:
        positive = pos_weight * target
        slope = ((positive + 1 - target) * lib.sigmoid(self) - positive) * grad
    return share(slope if weight is None else slope * weight, lib.plain(self).size, reduction)


def _bce_logits_target(grad: Any, self: Any, target: Any, weight: Any, pos_weight: Any, reduction: int) -> Any:
    slope = -self if pos_weight is None else (1 - pos_weight) * lib.log(lib.sigmoid(self)) - self
    return share(grad * (slope if weight is None else slope * weight), lib.plain(self).size, reduction)


BCE_LOGITS = Op(
    "BinaryCrossEntropyWithLogitsBackward0",
    _bce_logits,
    name="binary_cross_entropy_with_logits",
    symbol="-mean(target · ln(σ(self)) + (1 - target) · ln(1 - σ(self)))",
    inputs=2,
    elementwise=True,
    self=Grad("∂L/∂out · (σ(self) - target) / count", _bce_logits_gradient),
    target=Grad("-∂L/∂out · self / count", _bce_logits_target),
)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean", pos_weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """binary_cross_entropy of σ(input), without overflow; `pos_weight` enlarges the part of positive targets."""
    number = reduction_number(reduction, size_average, reduce)
    shape = input._array.shape
    if target._array.shape != shape:
        raise ValueError(f"the target must have the input's shape {shape}, found {target._array.shape}")
    if target._array.dtype.kind != "f":
        raise RuntimeError(f"the target must hold floats, found {target._array.dtype.name}: convert it with .float()")
    for factor in (weight, pos_weight):
        if factor is not None:
            try:
                np.broadcast_shapes(shape, factor._array.shape)
            except ValueError:
                raise complaints.shapes_differ("binary_cross_entropy_with_logits", shape, factor._array.shape) from None
    return apply(BCE_LOGITS, input, target, weight, pos_weight, number)


def _soft_margin_slope(grad: Any, self: Any, target: Any, reduction: int) -> Any:
    return share(-target * lib.sigmoid(-target * self) * grad, lib.plain(self).size, reduction)


SOFT_MARGIN = Op(
    "SoftMarginLossBackward0",
    lambda self, target, reduction: reduced(np.log1p(np.exp(-target * self)), reduction),
    name="soft_margin_loss",
    symbol="mean(ln(1 + e^(-target · self)))",
    inputs=1,
    self=Grad("-∂L/∂out · target · σ(-target · self) / count", _soft_margin_slope),
)


def soft_margin_loss(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean"
) -> Tensor:
    """The mean of ln(1 + e^(-target · input)), with targets of 1 and -1."""
    return apply(SOFT_MARGIN, input, target, reduction_number(reduction, size_average, reduce))
