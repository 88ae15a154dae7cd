"""The product of matrices of any dtype: `product(left, right)`."""

import numpy as np

from gradb.trace.events import Array

_AT_ONCE = 1 << 28  # multiplications of one call of numpy's own loop: about a second
_FAST = frozenset((np.dtype(np.float32), np.dtype(np.float64)))


def multiplications(left: Array, right: Array) -> int:
    """How many products of two numbers a product of matrices adds up; `left` is (..., n, m), `right` (..., m, p)."""
    return left.size * (right.shape[-1] if right.ndim > 1 else 1)


def product(left: Array, right: Array) -> Array:
    """`left @ right`, of the shapes (..., n, m) and (..., m, p), both of one dtype.

    Whole numbers and half precision have no BLAS: numpy adds them up one by one, in a call that nothing can interrupt.
    Large ones are computed a few rows at a time, so that a program that is to stop does.
    """
    if left.dtype in _FAST or multiplications(left, right) <= _AT_ONCE:
        return np.matmul(left, right)
    rows = left.shape[-2]
    at_once = max(1, _AT_ONCE * rows // multiplications(left, right))
    if at_once == 1 and left.ndim > 2:
        return np.stack([product(one, other) for one, other in zip(left, right, strict=True)])
    parts = [np.matmul(left[..., row : row + at_once, :], right) for row in range(0, rows, at_once)]
    return np.concatenate(parts, axis=-2 if right.ndim > 1 else -1)
