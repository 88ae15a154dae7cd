"""A product added to something, in one op: baddbmm, addbmm, addmv, addr."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.dispatch import apply
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.matrix_arrays import product
from gradb.ops.registry import tensor_method, torch_name


def _scaled(value: Any, by: Any) -> Any:
    return value if by == 1 else value * by


def _sum(self: Any, added: Any, beta: Any, alpha: Any) -> Any:
    """beta · self + alpha · added; with beta 0, NaN in self does not count."""
    added = _scaled(added, alpha)
    return np.broadcast_to(added, added.shape) if beta == 0 else _scaled(self, beta) + added


_SELF = Grad("∂L/∂out · beta", lambda grad, beta: _scaled(grad, beta))
BADDBMM = Op(
    "BaddbmmBackward0",
    lambda self, batch1, batch2, beta, alpha: _sum(self, product(batch1, batch2), beta, alpha),
    name="baddbmm",
    symbol="beta · self + alpha · batch1 @ batch2",
    inputs=3,
    self=_SELF,
    batch1=Grad("∂L/∂out @ batch2ᵀ · alpha", lambda grad, batch2, alpha: _scaled(grad @ lib.swap(batch2, 1, 2), alpha)),
    batch2=Grad("batch1ᵀ @ ∂L/∂out · alpha", lambda grad, batch1, alpha: _scaled(lib.swap(batch1, 1, 2) @ grad, alpha)),
)
ADDBMM = Op(
    "AddbmmBackward0",
    lambda self, batch1, batch2, beta, alpha, batch1_sym_argsize_0, batch1_sym_argsize_1, batch2_sym_argsize_2: _sum(
        self, np.add.reduce(product(batch1, batch2), 0), beta, alpha
    ),
    name="addbmm",
    symbol="beta · self + alpha · Σ batch1 @ batch2",
    inputs=3,
    self=_SELF,
    batch1=Grad(
        "∂L/∂out @ batch2ᵀ · alpha",
        lambda grad, batch2, alpha: _scaled(lib.unsqueeze(grad, 0) @ lib.swap(batch2, 1, 2), alpha),
    ),
    batch2=Grad(
        "batch1ᵀ @ ∂L/∂out · alpha",
        lambda grad, batch1, alpha: _scaled(lib.swap(batch1, 1, 2) @ lib.unsqueeze(grad, 0), alpha),
    ),
    shows=("batch1_sym_argsize_0", "batch1_sym_argsize_1", "batch2_sym_argsize_2"),
)
ADDMV = Op(
    "AddmvBackward0",
    lambda self, mat, vec, beta, alpha: _sum(self, product(mat, vec), beta, alpha),
    name="addmv",
    symbol="beta · self + alpha · mat @ vec",
    inputs=3,
    self=_SELF,
    mat=Grad("∂L/∂out ⊗ vec · alpha", lambda grad, vec, alpha: _scaled(lib.unsqueeze(grad, 1) * vec, alpha)),
    vec=Grad("matᵀ @ ∂L/∂out · alpha", lambda grad, mat, alpha: _scaled(mat.T @ grad, alpha)),
)
ADDR = Op(
    "AddrBackward0",
    lambda self, vec1, vec2, beta, alpha: _sum(self, np.multiply.outer(vec1, vec2), beta, alpha),
    name="addr",
    symbol="beta · self + alpha · vec1 ⊗ vec2",
    inputs=3,
    self=_SELF,
    vec1=Grad("∂L/∂out @ vec2 · alpha", lambda grad, vec2, alpha: _scaled(grad @ vec2, alpha)),
    vec2=Grad("∂L/∂outᵀ @ vec1 · alpha", lambda grad, vec1, alpha: _scaled(grad.T @ vec1, alpha)),
)


def _checked(op: str, input: Tensor, left: Tensor, right: Tensor, dims: tuple[int, int], fits: bool) -> None:
    """Raises RuntimeError unless the dims, shapes and dtypes fit."""
    x, y = left._array, right._array
    if (x.ndim, y.ndim) != dims or not fits:
        raise complaints.shapes_differ(op, x.shape, y.shape)
    for other in (y.dtype, input._array.dtype):
        if other != x.dtype:
            raise complaints.dtypes_differ(op, x.dtype, other)


def _check_input(op: str, input: Tensor, shape: tuple[int, ...]) -> None:
    """Raises RuntimeError where the input cannot be broadcast to the product's shape."""
    have = input._array.shape
    if len(have) > len(shape) or any(n not in (1, m) for n, m in zip(reversed(have), reversed(shape), strict=False)):
        raise complaints.shapes_differ(op, have, shape)


def _product(batch1: Tensor, batch2: Tensor) -> bool:
    x, y = batch1._array.shape, batch2._array.shape
    return len(x) == 3 == len(y) and x[0] == y[0] and x[2] == y[1]


@torch_name()
@tensor_method()
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta · input + alpha · batch1 @ batch2, for batches of matrices."""
    _checked("baddbmm", input, batch1, batch2, (3, 3), _product(batch1, batch2))
    shape = (*batch1._array.shape[:2], batch2._array.shape[2])
    _check_input("baddbmm", input, shape)
    return apply(BADDBMM, input, batch1, batch2, beta, alpha)


@torch_name()
@tensor_method()
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta · input + alpha · the sum of batch1 @ batch2 over the batch."""
    _checked("addbmm", input, batch1, batch2, (3, 3), _product(batch1, batch2))
    b, n, p = (*batch1._array.shape[:2], batch2._array.shape[2])
    _check_input("addbmm", input, (n, p))
    return apply(ADDBMM, input, batch1, batch2, beta, alpha, b, n, p)


@torch_name()
@tensor_method()
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta · input + alpha · mat @ vec."""
    fits = mat._array.ndim == 2 and mat._array.shape[1:] == vec._array.shape
    _checked("addmv", input, mat, vec, (2, 1), fits)
    _check_input("addmv", input, mat._array.shape[:1])
    return apply(ADDMV, input, mat, vec, beta, alpha)


@torch_name()
@tensor_method()
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """beta · input + alpha · the products of each element of vec1 with each of vec2."""
    _checked("addr", input, vec1, vec2, (1, 1), True)
    shape = (vec1._array.size, vec2._array.size)
    _check_input("addr", input, shape)
    return apply(ADDR, input, vec1, vec2, beta, alpha)


torch_name("ger")(lambda input, vec2: input.outer(vec2))
tensor_method("ger")(lambda self, vec2: self.outer(vec2))
