"""Elements more than once: repeat, tile, repeat_interleave, meshgrid; and overlapping windows: unfold."""

import math
from typing import Any

import numpy as np

from gradb.autograd.capture import one_step
from gradb.autograd.dispatch import unary
from gradb.autograd.op import Grad, Op
from gradb.autograd.tensor import Tensor
from gradb.ops import lib
from gradb.ops.args import one_dim, sizes, tensors_in
from gradb.ops.gathering import index_select
from gradb.ops.lib_index import add_flat
from gradb.ops.registry import tensor_method, torch_name
from gradb.ops.shape import CLONE
from gradb.ops.unsigned import shown_unsigned


def _folded(grad: Any, self_sym_sizes: tuple[int, ...], repeats: tuple[int, ...]) -> Any:
    """The sum over the repetitions."""
    lead = len(repeats) - len(self_sym_sizes)
    split = [n for pair in zip(repeats, (*[1] * lead, *self_sym_sizes), strict=True) for n in pair]
    total = lib.sum_dims(lib.reshape(grad, tuple(split)), tuple(range(0, len(split), 2))) if split else grad
    return lib.reshape(total, self_sym_sizes)


REPEAT = Op(
    "RepeatBackward0",
    lambda self, repeats: np.tile(self, repeats),
    name="repeat",
    symbol="self repeated",
    self=Grad("Σ ∂L/∂out over the repetitions", _folded),
)
shown_unsigned(REPEAT, "repeats")


@tensor_method()
@one_step
def repeat(self: Tensor, *repeats: Any, **named: Any) -> Tensor:
    """The tensor put beside itself, so often along each dim; more numbers than dims add dims in front."""
    times = sizes(repeats or (named["repeats"],))
    if len(times) < self._array.ndim:
        raise RuntimeError(f"repeat wants a number for each of the {self._array.ndim} dims, found {len(times)}")
    if any(n < 0 for n in times):
        raise RuntimeError(f"repeat: numbers of times are not negative, found {times}")
    return unary(REPEAT, self, times)


@torch_name()
@tensor_method()
@one_step
def tile(input: Tensor, *times: Any, **named: Any) -> Tensor:
    """`repeat`, where missing numbers count as 1."""
    times = sizes(times or (named["dims"],))
    return repeat(input, *([1] * (input._array.ndim - len(times))), *times)


@torch_name()
@tensor_method()
def repeat_interleave(input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: Any = None) -> Tensor:
    """Each element several times in a row, along a dim or, without one, of all elements in one row."""
    if repeats is None:
        return _counted_out(input)
    if dim is None:
        input, dim = input.flatten(), 0
    at = one_dim(dim, input._array.ndim)
    if isinstance(repeats, Tensor):
        size = input._array.shape[at] if input._array.ndim else 1
        if repeats._array.ndim > 1:
            raise RuntimeError("repeat_interleave takes a number or a vector of numbers")
        if repeats._array.size == 1:
            repeats = repeats.reshape(1).expand(size)
        elif repeats._array.size != size:
            raise RuntimeError(f"repeat_interleave: {repeats._array.size} numbers for the size {size} of dim {dim}")
        return index_select(input, at, _counted_out(repeats))
    if repeats < 0:
        raise RuntimeError(f"repeat_interleave: a number of times is not negative, found {repeats}")
    if input._array.ndim == 0:
        input = input.reshape(1)
    shape = input._array.shape
    wide = input.unsqueeze(at + 1).expand(*shape[: at + 1], repeats, *shape[at + 1 :])
    copy = wide.contiguous() if not wide._array.flags.c_contiguous else unary(CLONE, wide)
    return copy.view(*shape[:at], shape[at] * repeats, *shape[at + 1 :])


@one_step
def _counted_out(repeats: Tensor) -> Tensor:
    """Position i as often as its number says."""
    if repeats._array.ndim != 1:
        raise RuntimeError("repeat_interleave takes a vector of numbers")
    if repeats._array.dtype not in (np.int64, np.int32):
        raise RuntimeError(f"repeat_interleave takes whole numbers, found {repeats._array.dtype.name}")
    if repeats._array.size and repeats._array.min() < 0:
        raise RuntimeError("repeat_interleave: a number of times is not negative")
    return Tensor._wrap(np.repeat(np.arange(repeats._array.size), repeats._array).astype(repeats._array.dtype))


@torch_name()
def meshgrid(*tensors: Any, indexing: str | None = None) -> tuple[Tensor, ...]:
    """For each vector the grid of its values over all the others; `indexing` is "ij" (rows first) or "xy"."""
    one_list = len(tensors) == 1 and not isinstance(tensors[0], Tensor)
    given = list(tensors_in(tensors[0] if one_list else tensors, "meshgrid"))
    if not given:
        raise ValueError("meshgrid wants at least one tensor")
    if indexing not in (None, "ij", "xy"):
        raise RuntimeError(f'meshgrid: indexing is "ij" or "xy", found {indexing!r}')
    if any(t._array.ndim > 1 for t in given):
        raise RuntimeError("meshgrid takes vectors and single numbers")
    if len({t._array.dtype for t in given}) > 1:
        raise RuntimeError("meshgrid wants tensors of one dtype")
    swapped = indexing == "xy" and len(given) >= 2
    vectors = [given[1], given[0], *given[2:]] if swapped else given
    shape = tuple([v._array.size for v in vectors])
    count = len(shape)
    grids = [v.view(*[1] * i, -1, *[1] * (count - 1 - i)).expand(shape) for i, v in enumerate(vectors)]
    if swapped:
        grids = [grids[1], grids[0], *grids[2:]]
    return tuple(grids)


def _windows(self: Any, dimension: int, size: int, step: int) -> Any:
    if self.ndim == 0:
        return np.lib.stride_tricks.as_strided(self, (size,), (self.itemsize,))
    at = dimension % self.ndim
    count = (self.shape[at] - size) // step + 1
    shape = (*self.shape[:at], count, *self.shape[at + 1 :], size)
    strides = (*self.strides[:at], self.strides[at] * step, *self.strides[at + 1 :], self.strides[at])
    return np.lib.stride_tricks.as_strided(self, shape, strides)


def _unwound(grad: Any, self_sym_sizes: tuple[int, ...], dimension: int, size: int, step: int) -> Any:
    """Each place gets the sum over the windows that it is in."""
    if isinstance(grad, Tensor):
        return unary(UNFOLD_BACK, grad, self_sym_sizes, dimension, size, step)
    cells = np.arange(math.prod(self_sym_sizes)).reshape(self_sym_sizes)
    result = np.zeros(self_sym_sizes, grad.dtype)
    add_flat(result, _windows(cells, dimension, size, step), grad)
    return result


UNFOLD = Op(
    "UnfoldBackward0",
    _windows,
    name="unfold",
    symbol="windows of self",
    view=True,
    self=Grad("Σ ∂L/∂out over the windows", _unwound),
)
UNFOLD_BACK = Op(
    "UnfoldBackwardBackward0",
    lambda self, sizes, dimension, size, step: _unwound(self, sizes, dimension, size, step),
    name="unfold_backward",
    symbol="Σ self over the windows",
    self=Grad(
        "windows of ∂L/∂out",
        lambda grad, dimension, size, step: (
            grad.unfold(dimension, size, step) if isinstance(grad, Tensor) else _windows(grad, dimension, size, step)
        ),
    ),
)
shown_unsigned(UNFOLD, "dimension", "size", "step")


@tensor_method()
def unfold(self: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """A view of all windows of `size` elements along a dim, `step` apart; the windows are the last dim."""
    at = one_dim(dimension, self._array.ndim)
    have = self._array.shape[at] if self._array.ndim else 1
    if not 0 <= size <= have:
        raise RuntimeError(f"unfold: windows of {size} do not fit into the size {have} of dim {dimension}")
    if step <= 0:
        raise RuntimeError(f"unfold: the step is positive, found {step}")
    return unary(UNFOLD, self, dimension, size, step)
