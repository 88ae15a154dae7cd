"""What losses share: the mean, the sum or neither of them, and the shapes of input and target."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.tensor import Tensor

NONE, MEAN, SUM = range(3)  # torch's numbers for how losses are reduced


def reduction_number(reduction: str, size_average: bool | None = None, reduce: bool | None = None) -> int:
    """torch's number for 'none', 'mean' or 'sum'; the two old arguments override it, with a warning.

    Raises ValueError for another word.
    """
    if size_average is not None or reduce is not None:
        average, reduced = size_average is None or size_average, reduce is None or reduce
        reduction = "none" if not reduced else "mean" if average else "sum"
        complaints.warn(f"size_average and reduce are deprecated: write reduction={reduction!r} instead")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"reduction is 'none', 'mean' or 'sum', found {reduction!r}")
    return ("none", "mean", "sum").index(reduction)


def reduced(losses: Any, reduction: int) -> Any:
    """An array of losses, or its mean or sum without dims."""
    if reduction == NONE:
        return losses
    total = np.add.reduce(losses, None)
    if reduction == MEAN:
        total = total / losses.size if losses.size else np.nan
    return np.asarray(total, losses.dtype)


def reduce_tensor(losses: Tensor, reduction: int) -> Tensor:
    """A tensor of losses, or its mean or sum."""
    return losses if reduction == NONE else losses.mean() if reduction == MEAN else losses.sum()


def share(grad: Any, count: int, reduction: int) -> Any:
    """What each loss gets of the gradient of the reduced one."""
    return grad / max(count, 1) if reduction == MEAN else grad


def paired(op: str, input: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """Input and target in one shape. Warns where they have not: to broadcast them is rarely meant."""
    have, wanted = input._array.shape, target._array.shape
    if have == wanted:
        return input, target
    complaints.warn(
        f"{op}: the target has shape {wanted} and the input {have}. They are broadcast against each other, which is "
        "rarely meant: give both the same shape"
    )
    try:
        shape = np.broadcast_shapes(have, wanted)
    except ValueError:
        raise complaints.shapes_differ(op, have, wanted) from None
    return (
        input if have == shape else input.expand(shape),
        target if wanted == shape else target.expand(shape),
    )


def same_size(weight: Tensor, input: Tensor) -> None:
    """Raises ValueError unless a weight for each element has the input's shape."""
    if weight._array.shape != input._array.shape:
        raise ValueError(f"the weight has the input's shape {input._array.shape}, found {weight._array.shape}")
