"""What `torch.linalg` means to a program: norm, vector_norm, matrix_norm, vecdot, matmul."""

import math
from typing import Any

from gradb.autograd.dispatch import unary
from gradb.autograd.tensor import Tensor
from gradb.ops.args import checked_dims
from gradb.ops.complain import want_floats
from gradb.ops.matrix import matmul as matmul
from gradb.ops.spread import NORM

__all__ = ["matmul", "matrix_norm", "norm", "vecdot", "vector_norm"]


def vector_norm(x: Tensor, ord: Any = 2, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The norm of all elements as one vector, or along one dim or several."""
    want_floats("vector_norm", x)
    return unary(NORM, x, ord, None if dim is None else checked_dims(dim, x._array.ndim), keepdim)


def matrix_norm(A: Tensor, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False) -> Tensor:
    """The norm of matrices: "fro", or the largest (-: smallest) sum of sizes over columns (1) or rows (inf)."""
    if A._array.ndim < 2 or len(tuple(dim)) != 2:
        raise RuntimeError(f"matrix_norm takes tensors of at least 2 dims and 2 of them, found {A._array.ndim}, {dim}")
    checked_dims(dim, A._array.ndim)
    first, second = [d % A._array.ndim for d in dim]
    if ord == "fro":
        return vector_norm(A, 2, (first, second), keepdim)
    if ord not in (1, -1, math.inf, -math.inf):
        raise NotImplementedError(f'matrix_norm(ord={ord!r}) is not supported; "fro", 1, -1, inf and -inf are')
    summed, left = (first, second) if abs(ord) == 1 else (second, first)
    if not keepdim and left > summed:
        left -= 1
    sums = vector_norm(A, 1.0, (summed,), keepdim)
    return sums.amax((left,), keepdim) if ord > 0 else sums.amin((left,), keepdim)


def norm(A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The norm of a vector, or of a matrix where `ord` is given and there are two dims."""
    dims = None if dim is None else checked_dims(dim, A._array.ndim)
    if ord is None:
        return vector_norm(A, 2.0, dim, keepdim)
    if (dims is None and A._array.ndim == 2) or (dims is not None and len(dims) == 2):
        return matrix_norm(A, ord, (0, 1) if dims is None else dims, keepdim)
    if isinstance(ord, str):
        raise RuntimeError(f"norm(ord={ord!r}) is of matrices; name 2 dims")
    return vector_norm(A, ord, dim, keepdim)


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The sums of the products along a dim."""
    return (x * y).sum(dim)
