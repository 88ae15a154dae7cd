"""What ops accept: shapes and dims given as one tuple or one by one, negative dims, tensors where tensors are meant."""

from typing import Any

import numpy as np

from gradb.autograd import complaints
from gradb.autograd.tensor import Tensor
from gradb.autograd.traced_numbers import TracedInt


def sizes(given: tuple[Any, ...]) -> tuple[int, ...]:
    """`(2, 3)` for `f(2, 3)`, `f((2, 3))` and `f([2, 3])`. Raises TypeError for anything but integers."""
    if len(given) == 1 and isinstance(given[0], tuple | list):
        given = tuple(given[0])
    return tuple([whole(size) for size in given])


def whole(value: Any) -> int:
    """An integer, also out of a tensor of one element or numpy."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool):
        return value if isinstance(value, TracedInt) else int(value)
    if isinstance(value, Tensor) and value._array.dtype.kind in "iu" and value._array.size == 1:
        return int(value._array.item())
    raise TypeError(f"an integer is wanted here, found {type(value).__name__}")


def one_dim(dim: Any, dims: int) -> int:
    """The dim counted from 0. Raises IndexError when there is none."""
    if not isinstance(dim, int):
        dim = whole(dim)
    if not -max(dims, 1) <= dim < max(dims, 1):
        raise complaints.bad_dim(dim, dims)
    return dim + dims if dim < 0 and dims else max(dim, 0)


def dims_of(dim: Any, dims: int) -> tuple[int, ...]:
    """One dim or several, counted from 0. Raises RuntimeError where one comes twice."""
    if isinstance(dim, int):
        return (one_dim(dim, dims),)
    found = tuple([one_dim(d, dims) for d in dim])
    if len(set(found)) < len(found):
        raise RuntimeError(f"a dim appears twice in {tuple(dim)}")
    return found


def checked_dims(dim: Any, dims: int) -> tuple[int, ...]:
    """One dim or several as they were given, which is how nodes save them; errors as `dims_of`."""
    dims_of(dim, dims)
    return (dim,) if isinstance(dim, int) else tuple(dim)


def checked_dim(dim: int, dims: int) -> int:
    """A dim as it was given, which is how nodes save it; errors as `one_dim`."""
    one_dim(dim, dims)
    return dim


def tensors_in(values: Any, op: str) -> tuple[Tensor, ...]:
    """A list or tuple of tensors as a tuple. Raises TypeError for anything else."""
    if isinstance(values, Tensor) or not isinstance(values, tuple | list):
        raise TypeError(f"{op} takes a list or tuple of tensors, found {type(values).__name__}")
    for position, value in enumerate(values):
        if not isinstance(value, Tensor):
            raise TypeError(f"{op} takes tensors, found {type(value).__name__} at position {position}")
    return tuple(values)
