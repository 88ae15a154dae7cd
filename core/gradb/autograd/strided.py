"""Where a view lies in its base: `read` takes its elements out, `spread` puts them back and adds where they meet.

Both take arrays in a plain backward, and tensors under `create_graph`, through which gradients flow on.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from gradb.autograd.op import Grad, Op
from gradb.trace.events import Array

if TYPE_CHECKING:
    from gradb.autograd.tensor import Tensor


class Geometry(Struct, frozen=True):
    """Where the elements of a view lie in its base; strides and offset in bytes."""

    base_shape: tuple[int, ...]
    base_strides: tuple[int, ...]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    def __str__(self) -> str:
        return "where the view lies"

    def like_base(self, array: Array) -> tuple[Array, Array]:
        """A copy of `array` laid out like the base, and the part of it that is the view."""
        memory = np.zeros(self._extent(array.dtype.itemsize), array.dtype)
        whole = np.ndarray(self.base_shape, array.dtype, memory, 0, self.base_strides)
        whole[...] = array
        return whole, np.ndarray(self.shape, array.dtype, memory, self.offset, self.strides)

    def put_back(self, array: Array) -> Array:
        """Zeros in the base's shape with the view's elements in their places, summed where several share one."""
        whole, part = self.like_base(np.zeros((), array.dtype))
        if not self.overlaps():
            part[...] = array
            return whole
        size = array.dtype.itemsize
        places = np.full(self.shape, self.offset // size)
        for axis, (n, stride) in enumerate(zip(self.shape, self.strides, strict=True)):
            places += (np.arange(n) * (stride // size)).reshape([-1 if a == axis else 1 for a in range(places.ndim)])
        sums = np.bincount(places.ravel(), array.ravel(), self._extent(size)).astype(array.dtype)
        return np.ndarray(self.base_shape, array.dtype, sums, 0, self.base_strides)

    def overlaps(self) -> bool:
        """Whether two elements of the view may lie in one place, as after `expand` and `unfold`."""
        reach = 0
        for stride, n in sorted((abs(s), n) for s, n in zip(self.strides, self.shape, strict=True) if n > 1):
            if stride <= reach:
                return True
            reach += stride * (n - 1)
        return False

    def _extent(self, size: int) -> int:
        """How many elements of memory the base takes."""
        return sum((n - 1) * abs(s) for n, s in zip(self.base_shape, self.base_strides, strict=True)) // size + 1


def geometry(base: "Tensor", view: "Tensor") -> Geometry:
    """Where `view` lies in `base`; both are on the same memory."""
    start = base._array.__array_interface__["data"][0]
    offset = view._array.__array_interface__["data"][0] - start
    return Geometry(base._array.shape, base._array.strides, view._array.shape, view._array.strides, offset)


def read(x: Any, place: Geometry) -> Any:
    """The view's elements of what has the base's shape, in memory of their own."""
    return place.like_base(x)[1].copy() if isinstance(x, np.ndarray) else _apply(READ, x, place)


def spread(x: Any, place: Geometry) -> Any:
    """The reverse: in the base's shape, with 0 outside the view."""
    return place.put_back(x) if isinstance(x, np.ndarray) else _apply(SPREAD, x, place)


def outside(x: Any, place: Geometry) -> Any:
    """What has the base's shape, with 0 inside the view."""
    if isinstance(x, np.ndarray):
        whole, part = place.like_base(x)
        part[...] = 0
        return whole
    return _apply(OUTSIDE, x, place)


def _apply(op: Op, *parameters: Any) -> Any:
    from gradb.autograd.dispatch import apply

    return apply(op, *parameters)


READ = Op(
    "AsStridedBackward0",
    lambda self, place: read(self, place),
    name="as_strided",
    symbol="self[place]",
    self=Grad("∂L/∂out put back where it was read", lambda grad, place: spread(grad, place)),
)
SPREAD = Op(
    "AsStridedScatterBackward0",
    lambda self, place: spread(self, place),
    name="as_strided_scatter",
    symbol="0 with self where the view lies",
    self=Grad("∂L/∂out read where the view lies", lambda grad, place: read(grad, place)),
)
OUTSIDE = Op(
    "AsStridedScatterBackward0",
    lambda self, place: outside(self, place),
    name="as_strided_scatter",
    symbol="self with 0 where the view lies",
    self=Grad("∂L/∂out with 0 where the view lies", lambda grad, place: outside(grad, place)),
)
