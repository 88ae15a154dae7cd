"""Writing a gradient into `.grad`: of a leaf at its AccumulateGrad node, of a non-leaf that asked for it."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply
from gradb.autograd.mode import mode
from gradb.autograd.op import Grad, Op
from gradb.autograd.storage import Storage, kept, write
from gradb.autograd.tensor import Tensor

COPY = Op(
    "CopyBackwards",
    lambda self, src: src.copy(order="K"),
    name="copy",
    symbol="src",
    inputs=2,
    src=Grad("∂L/∂out", lambda grad: grad),
)


def accumulate(leaf: Tensor, contribution: Any) -> None:
    """Adds an array, or under `create_graph` a tensor, to the leaf's `.grad`.

    The first contribution becomes `.grad` without a copy: its storage is marked lent, so a later write moves it.
    """
    grad = leaf._grad
    before = None
    if isinstance(contribution, Tensor):
        array = contribution._array
        before = None if grad is None else grad._array
        leaf._grad = _own(contribution) if grad is None else grad + contribution
    else:
        array = contribution
        if grad is None:
            held = array if array.flags.forc else array.copy()
            leaf._grad = Tensor._wrap(held, None, 0, Storage(0, True))
        else:
            before = kept(grad)
            total = before + array
            write(grad, total if type(total) is np.ndarray else np.asarray(total))
    if mode.recorder is not None:
        mode.recorder.accumulate(leaf, array, before, leaf._grad)


def _own(gradient: Tensor) -> Tensor:
    """A gradient as `.grad` of a leaf: another tensor than the one that arrived, which may be the program's own."""
    if gradient._requires_grad:
        return apply(COPY, None, gradient)
    gradient._storage.lent = True
    return Tensor._wrap(gradient._array, None, 0, Storage(0, True))


def retain(tensor: Tensor, gradient: Any) -> None:
    """Writes the gradient of a non-leaf into its `.grad`; a second backward replaces it by the sum."""
    before = tensor._grad
    if isinstance(gradient, Tensor):
        arrived = gradient.clone() if gradient._requires_grad else _own(gradient)
    else:
        arrived = Tensor._wrap(gradient, None, 0, Storage(0, True))
    tensor._grad = arrived if before is None else before + arrived
    if mode.recorder is not None:
        mode.recorder.accumulate(tensor, arrived._array, None if before is None else before._array, tensor._grad)
