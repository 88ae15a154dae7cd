"""kl_div: how far one distribution is from another."""

from gradb.autograd import complaints
from gradb.autograd.capture import one_step
from gradb.autograd.tensor import Tensor
from gradb.ops.exponentials import xlogy
from gradb.ops.reducing import SUM, reduce_tensor, reduction_number


@one_step
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
