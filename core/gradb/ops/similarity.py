"""How alike vectors are: normalize, cosine_similarity, pairwise_distance, and the losses made of them."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import unary
from gradb.autograd.inplace import write_through
from gradb.autograd.mode import no_grad
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.args import one_dim
from gradb.ops.clamping import CLAMP_MIN
from gradb.ops.number import from_number, minus, plus
from gradb.ops.reducing import reduce_tensor, reduction_number
from gradb.ops.reduction import SUM_DIM
from gradb.ops.registry import torch_name
from gradb.ops.select import where
from gradb.ops.shape import CLONE
from gradb.ops.spread import NORM
from gradb.ops.unsigned import shown_unsigned

shown_unsigned(NORM, "dim")
shown_unsigned(SUM_DIM, "dim")
assert NORM.gradients[0] is not None
_NORM_GRADIENT = NORM.gradients[0].function
POWER_NORM = Op(
    "NormBackward1",
    lambda self, p, dim, keepdim: NORM.forward(self, p, dim, keepdim),
    name="norm",
    symbol="‖self‖",
    self=Grad(
        "∂L/∂out · self / result (0 where result is 0)",
        lambda grad, self, p, dim, keepdim, result: _NORM_GRADIENT(grad, self, result, p, dim, keepdim),
    ),
)
shown_unsigned(POWER_NORM, "dim")


def _norm(x: Tensor, p: Any, dim: int) -> Tensor:
    """The norm along a dim, which is kept at size 1."""
    one_dim(dim, x._array.ndim)
    return unary(NORM, x, p, (dim,), True)


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12, out: Tensor | None = None) -> Tensor:
    """The input divided by its norm along a dim, or by eps where the norm is smaller."""
    return input / _norm(input, p, dim).clamp_min(eps).expand_as(input)


def _together(op: str, x1: Tensor, x2: Tensor) -> tuple[Tensor, Tensor]:
    have, other = x1._array.shape, x2._array.shape
    try:
        shape = np.broadcast_shapes(have, other)
    except ValueError:
        raise complaints.shapes_differ(op, have, other) from None
    return (x1, x2) if have == other else (x1.expand(shape), x2.expand(shape))


@torch_name()
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """The cosine of the angle between vectors along a dim; a norm below eps counts as eps."""
    left, right = _together("cosine_similarity", x1, x2)
    unit: list[Tensor] = []
    norms = [unary(CLONE, _norm(x if x._array.dtype.kind == "f" else x.float(), 2, dim)) for x in (left, right)]
    with no_grad():
        for norm in norms:
            write_through(CLAMP_MIN, norm, eps)
    for x, norm in zip((left, right), norms, strict=True):
        unit.append(x / norm)
    return unary(SUM_DIM, unit[0] * unit[1], (dim,), False)


@torch_name()
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, size_average: bool | None = None,
    reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """1 - cosine where the target is 1, and what the cosine is above the margin where it is -1."""
    number = reduction_number(reduction, size_average, reduce)
    dims = input1._array.ndim
    if (dims, target._array.ndim) not in ((2, 1), (1, 0)) or input2._array.ndim != dims:
        raise RuntimeError(
            "cosine_embedding_loss wants inputs (n, width) and targets (n,), or (width,) and (), found "
            f"{input1._array.shape}, {input2._array.shape} and {target._array.shape}"
        )
    along = dims - 1
    products = unary(SUM_DIM, input1 * input2, (along,), False)
    squares1 = plus(unary(SUM_DIM, input1 * input1, (along,), False), 1e-12)
    squares2 = plus(unary(SUM_DIM, input2 * input2, (along,), False), 1e-12)
    cosine = products / (squares1 * squares2).sqrt()
    zeros = Tensor._wrap(np.zeros_like(cosine._array))
    alike = where(target.eq(1), from_number(1, cosine), zeros)
    apart = where(target.eq(-1), minus(cosine, margin).clamp_min(0), zeros)
    return reduce_tensor(alike + apart, number)


@torch_name()
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """The norm of x1 - x2 + eps along the last dim."""
    difference = plus(x1 - x2, eps)
    return unary(POWER_NORM, difference, p, (difference._array.ndim - 1,), keepdim)


@torch_name()
def triplet_margin_loss(
    anchor: Tensor, positive: Tensor, negative: Tensor, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6,
    swap: bool = False, size_average: bool | None = None, reduce: bool | None = None, reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """How much closer than by the margin the negative is to the anchor than the positive; with `swap` to the nearer."""
    number = reduction_number(reduction, size_average, reduce)
    near = pairwise_distance(anchor, positive, p, eps)
    far = pairwise_distance(anchor, negative, p, eps)
    if swap:
        far = far.minimum(pairwise_distance(positive, negative, p, eps))
    return reduce_tensor((plus(near, margin) - far).clamp_min(0), number)
