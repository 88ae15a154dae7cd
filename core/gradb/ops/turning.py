"""The same elements in another order of places: flip, fliplr, flipud, roll, rot90."""

from typing import Any

import numpy as np

from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib_index
from gradb.ops.args import dims_of, one_dim, sizes
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.unsigned import shown_unsigned

FLIP = Op(
    "FlipBackward0",
    lambda self, dims: np.array(np.flip(self, dims), order="K") if self.ndim else self.copy(),
    name="flip",
    symbol="self in reverse along dims",
    self=Grad("∂L/∂out in reverse along dims", lambda grad, dims: lib_index.flip(grad, dims)),
)


def _roll(self: Any, shifts: tuple[int, ...], dims: tuple[int, ...]) -> Any:
    if isinstance(self, Tensor):
        return roll(self, shifts, dims)
    if self.ndim == 0:
        return self.copy()
    return (
        np.asarray(np.roll(self, shifts, dims), order="C")
        if dims
        else np.roll(self.reshape(-1), shifts).reshape(self.shape)
    )


ROLL = Op(
    "RollBackward0",
    _roll,
    name="roll",
    symbol="self shifted along dims, round the end",
    self=Grad(
        "∂L/∂out shifted back",
        lambda grad, shifts, dims: _roll(grad, tuple([-shift for shift in shifts]), dims),
    ),
)


def _turn(self: Any, k: int, dims: tuple[int, ...]) -> Any:
    if isinstance(self, Tensor):
        return rot90(self, k, dims)
    if k % 4 in (0, 2):
        return np.array(np.flip(self, dims if k % 4 else ()), order="K")
    return np.swapaxes(np.array(np.flip(self, dims[1 if k % 4 == 1 else 0]), order="K"), *dims)


ROT90 = Op(
    "Rot90Backward0",
    _turn,
    name="rot90",
    symbol="self turned by k quarters",
    self=Grad("∂L/∂out turned back", lambda grad, k, dims: _turn(grad, -k, dims)),
)

shown_unsigned(FLIP, "dims")
shown_unsigned(ROLL, "shifts", "dims")
shown_unsigned(ROT90, "k", "dims")


@torch_name()
def flip(input: Tensor, dims: Any) -> Tensor:
    """The elements in reverse order along dims, as a copy."""
    if not isinstance(dims, tuple | list):
        raise TypeError(f"torch.flip takes a tuple of dims, found {type(dims).__name__}")
    wanted = sizes((dims,))
    dims_of(wanted, input._array.ndim)
    return unary(FLIP, input, wanted)


@tensor_method("flip")
def _flip_method(self: Tensor, *dims: Any, **named: Any) -> Tensor:
    """The elements in reverse order along dims, as a copy; the dims one by one or as a tuple."""
    return flip(self, named.get("dims", sizes(dims)))


@torch_name()
@tensor_method()
def fliplr(input: Tensor) -> Tensor:
    """The columns in reverse order."""
    if input._array.ndim < 2:
        raise RuntimeError(f"fliplr takes a tensor of at least 2 dims, found {input._array.ndim}")
    return flip(input, (1,))


@torch_name()
@tensor_method()
def flipud(input: Tensor) -> Tensor:
    """The rows in reverse order."""
    if input._array.ndim < 1:
        raise RuntimeError("flipud takes a tensor of at least 1 dim")
    return flip(input, (0,))


@torch_name()
@tensor_method()
def roll(input: Tensor, shifts: Any, dims: Any = ()) -> Tensor:
    """The elements moved on along dims; what leaves at the end comes back at the start."""
    by = (shifts,) if isinstance(shifts, int) else tuple(shifts)
    over = (dims,) if isinstance(dims, int) else tuple(dims)
    if len(over) != len(by) and not (len(by) == 1 and not over):
        raise RuntimeError(f"roll: {len(by)} shifts for {len(over)} dims; there must be one for each")
    if input._array.size:
        for dim in over:
            one_dim(dim, input._array.ndim)
            if input._array.ndim == 0:
                raise IndexError("roll: a tensor without dims has none to roll along")
    return unary(ROLL, input, by, over)


@torch_name()
@tensor_method()
def rot90(input: Tensor, k: int = 1, dims: Any = (0, 1)) -> Tensor:
    """The elements turned by k quarters, from the first of two dims towards the second."""
    plane = tuple(dims)
    if len(plane) != 2 or input._array.ndim < 2:
        raise RuntimeError(f"rot90 turns in a plane of 2 dims, found dims={plane} of {input._array.ndim}")
    first, second = [one_dim(d, input._array.ndim) for d in plane]
    if first == second:
        raise RuntimeError("rot90: the 2 dims must differ")
    return unary(ROT90, input, k, plane)
