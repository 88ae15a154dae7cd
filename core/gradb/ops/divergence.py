"""xlogy, and kl_div, which is made of it: how far one distribution is from another."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import binary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.dtypes import floats
from gradb.ops.reducing import SUM, reduce_tensor, reduction_number
from gradb.ops.registry import tensor_method, torch_name


def _xlogy(self: Any, other: Any) -> Any:
    x, y = floats(np.asarray(self)), floats(np.asarray(other))
    return np.where(np.isnan(y), np.nan, np.where(x == 0, 0, x * np.log(y))).astype(np.result_type(x, y), copy=False)


XLOGY = Op(
    "XlogyBackward0",
    _xlogy,
    name="xlogy",
    symbol="self · ln(other)",
    elementwise=True,
    self=Grad(
        "∂L/∂out · ln(other), 0 where self is 0 and other at most 0",
        lambda grad, self, other: lib.where((lib.plain(self) == 0) & (lib.plain(other) <= 0), 0.0, grad * lib.log(other)),
    ),
    other=Grad("∂L/∂out · self / other", lambda grad, self, other: grad * self / other),
)  # fmt: skip


@torch_name()
@tensor_method()
def xlogy(input: Any, other: Any) -> Tensor:
    """input · ln(other), and 0 where the input is 0."""
    return binary(XLOGY, input, other)


def kl_div(
    input: Tensor, target: Tensor, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean", log_target: bool = False,
) -> Tensor:  # fmt: skip
    """target · (ln(target) - input) of log-probabilities and probabilities (or their logarithms with log_target).

    'batchmean' is the divergence as it is defined: the sum divided by the batch. 'mean' warns: it divides by all.
    """
    if size_average is None and reduce is None and reduction == "batchmean":
        number = SUM
    else:
        number = reduction_number(reduction, size_average, reduce)
        if reduction == "mean" and size_average is None and reduce is None:
            complaints.warn(
                "kl_div: reduction='mean' divides by the batch and the width; 'batchmean' is the divergence"
            )
    if input._array.dtype.kind != "f" or target._array.dtype.kind != "f":
        raise RuntimeError("kl_div wants floats for input and target: convert them with .float()")
    losses = target.exp() * (target - input) if log_target else xlogy(target, target) - target * input
    result = reduce_tensor(losses, number)
    if reduction == "batchmean" and input._array.ndim and number == SUM:
        return result / input._array.shape[0]
    return result
