"""Losses of margins: hinge_embedding_loss, margin_ranking_loss."""

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.tensor import Tensor
from gradb.ops.number import from_number, plus
from gradb.ops.reducing import reduce_tensor, reduction_number
from gradb.ops.registry import torch_name
from gradb.ops.select import where


@torch_name()
def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, size_average: bool | None = None, reduce: bool | None = None,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The input where the target is 1, and what is missing to the margin where it is -1."""
    number = reduction_number(reduction, size_average, reduce)
    try:
        np.broadcast_shapes(input._array.shape, target._array.shape)
    except ValueError:
        raise complaints.shapes_differ("hinge_embedding_loss", input._array.shape, target._array.shape) from None
    rest = from_number(margin, input).clamp_min(0)
    zeros = Tensor._wrap(np.zeros_like(rest._array))
    losses = where(target.ne(1), rest, zeros) + where(target.ne(-1), input, zeros)
    return reduce_tensor(losses, number)


@torch_name()
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """How far input1 is from being larger than input2 by the margin (target 1), or smaller (target -1)."""
    number = reduction_number(reduction, size_average, reduce)
    if not input1._array.ndim == input2._array.ndim == target._array.ndim:
        shapes = [t._array.shape for t in (input1, input2, target)]
        raise RuntimeError(f"margin_ranking_loss wants three tensors of as many dims, found shapes {shapes}")
    return reduce_tensor(plus(-target * (input1 - input2), margin).clamp_min(0), number)
