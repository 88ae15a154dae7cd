"""Functions for gradient formulas that take arrays in a plain backward, and tensors under `create_graph`."""

from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor


def exp(x: Any) -> Any:
    """e to the power x."""
    return x.exp() if isinstance(x, Tensor) else np.exp(x)


def log(x: Any) -> Any:
    """The natural logarithm."""
    return x.log() if isinstance(x, Tensor) else np.log(x)


def sin(x: Any) -> Any:
    """The sine."""
    return x.sin() if isinstance(x, Tensor) else np.sin(x)


def cos(x: Any) -> Any:
    """The cosine."""
    return x.cos() if isinstance(x, Tensor) else np.cos(x)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return x.tanh() if isinstance(x, Tensor) else np.tanh(x)


def sign(x: Any) -> Any:
    """-1, 0 or 1; of NaN 0, as torch has it."""
    return x.sign() if isinstance(x, Tensor) else signs(x)


def signs(array: Any) -> Any:
    """The same of an array."""
    return np.subtract(array > 0, array < 0, dtype=array.dtype)


def above_0(x: Any) -> Any:
    """Where an array or a tensor is not 0 or less: above it, or NaN, which torch lets pass."""
    return ~(plain(x) <= 0)


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x)."""
    return x.sigmoid() if isinstance(x, Tensor) else 1 / (1 + np.exp(-x))


def erf(x: Any) -> Any:
    """The error function."""
    from gradb.ops.erf import erf_array

    return x.erf() if isinstance(x, Tensor) else erf_array(x)


def power(x: Any, exponent: Any) -> Any:
    """x to a power; the powers 1 and 2 are not worth a call of the general function."""
    if type(exponent) is int or type(exponent) is float:
        if exponent == 1:
            return x
        if exponent == 2:
            return x * x
    if isinstance(x, Tensor) or isinstance(exponent, Tensor):
        return x**exponent
    return np.power(x, exponent)


def where(condition: Any, x: Any, y: Any) -> Any:
    """x where the condition holds, else y; x and y may be numbers, and one of them is of the result's dtype."""
    if isinstance(condition, Tensor) or isinstance(x, Tensor) or isinstance(y, Tensor):
        from gradb.ops.select import where as where_tensors

        return where_tensors(condition if isinstance(condition, Tensor) else Tensor._wrap(condition), x, y)
    if type(y) is float and y == 0.0:
        return kept(x, condition)
    if type(x) is float and x == 0.0:
        return kept(y, ~condition)
    dtype = next((v.dtype for v in (x, y) if isinstance(v, np.ndarray | np.generic)), None)
    return np.where(condition, x, y).astype(dtype, copy=False)


_BITS: dict[int, Any] = {2: np.int16, 4: np.int32, 8: np.int64}


def kept(x: Any, condition: Any) -> Any:
    """The floats of an array where the condition holds, else 0, also in the place of inf and nan.

    By their bits, because np.where takes ten times as long where the condition changes from one element to the next.
    """
    bits = _BITS[x.dtype.itemsize]
    return (x.view(bits) & -condition.astype(bits)).view(x.dtype)


def sum_dims(x: Any, dim: Any, keepdim: bool = False) -> Any:
    """The sum over one dim or several, or over all for None."""
    if isinstance(x, Tensor):
        return x.sum() if dim is None else x.sum(dim, keepdim)
    return np.add.reduce(x, axis=dim, keepdims=keepdim)


def reshape(x: Any, shape: tuple[int, ...]) -> Any:
    """The same elements in another shape."""
    return x.reshape(shape)


def expand(x: Any, shape: tuple[int, ...]) -> Any:
    """x repeated along dims of size 1, without a copy."""
    if isinstance(x, Tensor):
        return x.expand(shape)
    if x.ndim == 0:
        return np.ndarray(shape, x.dtype, np.asarray(x), 0, (0,) * len(shape))
    return np.broadcast_to(x, shape)


def unsqueeze(x: Any, dim: int) -> Any:
    """A dim of size 1 more."""
    return x.unsqueeze(dim) if isinstance(x, Tensor) else np.expand_dims(x, dim)


def squeeze(x: Any, dim: int) -> Any:
    """Without the dim, which has size 1."""
    return x.squeeze(dim) if isinstance(x, Tensor) else np.squeeze(x, dim)


def unreduce(x: Any, dim: Any, keepdim: bool, dims: int) -> Any:
    """What a reduction over `dim` gave, with the reduced dims back as size 1."""
    if keepdim or dims == 0 or dim is None:
        return x
    for d in sorted([dim + dims if dim < 0 else dim] if isinstance(dim, int) else [d % dims for d in dim]):
        x = unsqueeze(x, d)
    return x


def swap(x: Any, dim0: int, dim1: int) -> Any:
    """Two dims in each other's place."""
    return x.transpose(dim0, dim1) if isinstance(x, Tensor) else np.swapaxes(x, dim0, dim1)


def permute(x: Any, dims: tuple[int, ...]) -> Any:
    """The dims in another order."""
    return x.permute(dims) if isinstance(x, Tensor) else np.transpose(x, dims)


def zeros_like(x: Any) -> Any:
    """Zeros of the same shape and dtype."""
    if isinstance(x, Tensor):
        return Tensor._wrap(np.zeros(x._array.shape, x._array.dtype))
    return np.zeros(x.shape, x.dtype)


def cast(x: Any, dtype: Any) -> Any:
    """In numpy's dtype."""
    from gradb.ops.convert import to_dtype

    return to_dtype(x, dtype) if isinstance(x, Tensor) else x.astype(dtype, copy=False)


def plain(x: Any) -> Any:
    """The array of a tensor, for what no gradient flows through."""
    return x._array if isinstance(x, Tensor) else x
