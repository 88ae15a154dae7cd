"""The gradient of indexing as an op of its own, so that it has a gradient too (for `create_graph`)."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import apply
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops.lib_index import add_at


def _place(self: Any, sizes: Any, where: Any) -> Any:
    return add_at(self, sizes, tuple(where))


PLACE = Op(
    "IndexPutBackward0",
    _place,
    name="index_put",
    symbol="zeros with self added at the indices",
    self=Grad("∂L/∂out at the indices", lambda grad, where: grad[tuple(_wrapped(grad, where))]),
)


def _wrapped(grad: Any, where: Any) -> list[Any]:
    if not isinstance(grad, Tensor):
        return list(where)
    return [Tensor._wrap(i) if isinstance(i, np.ndarray) else i for i in where]


def place(grad: Tensor, sizes: tuple[int, ...], where: tuple[Any, ...]) -> Tensor:
    """Zeros of a shape with the tensor added at an index of numpy's."""
    return apply(PLACE, grad, sizes, list(where))
