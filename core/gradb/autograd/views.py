"""What makes a tensor a view, and what an in-place change of a view does to the graph of its base."""

from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from gradb.autograd import backward_complaints
from gradb.autograd.node import NO_EDGE, Edge, Node, next_sequence_number
from gradb.trace.events import Array

if TYPE_CHECKING:
    from gradb.autograd.tensor import Tensor


class View(Struct):
    """Whose view a tensor is, and the version at which its grad_fn was right.

    `one_of_many`: an op such as unbind made several at once. `without_grad`: it was made inside no_grad. `borrowed`: it
    requires grad only because its base does, and no gradient flows through it. `of_function`: a program's own Function
    returned it, whose backward an in-place change would go round.
    """

    base: Any
    version: int
    one_of_many: bool = False
    without_grad: bool = False
    borrowed: bool = False
    of_function: bool = False


class Geometry(Struct, frozen=True):
    """Where the elements of a view lie in its base; strides and offset in bytes."""

    base_shape: tuple[int, ...]
    base_strides: tuple[int, ...]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    def like_base(self, array: Array) -> tuple[Array, Array]:
        """A copy of `array` laid out like the base, and the part of it that is the view."""
        size = array.dtype.itemsize
        scale = max(size, 1)
        extent = sum((n - 1) * abs(s) for n, s in zip(self.base_shape, self.base_strides, strict=True)) // scale + 1
        memory = np.zeros(max(extent, 1), array.dtype)
        whole = np.ndarray(self.base_shape, array.dtype, memory, 0, self.base_strides)
        whole[...] = array
        return whole, np.ndarray(self.shape, array.dtype, memory, self.offset, self.strides)


def geometry(base: "Tensor", view: "Tensor") -> Geometry:
    """Where `view` lies in `base`; both are on the same memory."""
    start = base._array.__array_interface__["data"][0]
    offset = view._array.__array_interface__["data"][0] - start
    return Geometry(base._array.shape, base._array.strides, view._array.shape, view._array.strides, offset)


_WANTED: Edge = (Node(None, 0, ()), 0)


class CopySlices(Node, eq=False):
    """Backward of an in-place change of a view, for its base: outside the view the gradient passes, inside it goes
    through the op that wrote there."""

    inner: Any = None
    place: Any = None

    def compute(self, grads: tuple[Any, ...], live: bool) -> list[Any]:
        grad = grads[0]
        if self.saved is None:
            raise backward_complaints.released(self)
        if live:
            raise NotImplementedError("create_graph through an in-place change of a view")
        whole, part = self.place.like_base(grad)
        inner: Node = self.inner
        gradients = inner.compute((part.copy(),), live)
        part[...] = 0 if gradients[0] is None else gradients[0]
        return [whole if self.edges[0][0] is not None else None, *gradients[1:]]

    def release(self) -> bool:
        """Lets go; unlike other nodes it can then not run again even where no tensor was saved, as in torch."""
        self.inner.release()
        self.saved = None
        return True


class AsStridedBackward0(Node, eq=False):
    """Backward of a view whose base was changed in place: the view read anew from its base."""

    place: Any = None

    def compute(self, grads: tuple[Any, ...], live: bool) -> list[Any]:
        grad = grads[0]
        if live:
            raise NotImplementedError("create_graph through a view of a tensor that was changed in place")
        whole, part = self.place.like_base(np.zeros(self.place.base_shape, grad.dtype))
        part[...] = grad
        return [whole]


def edge_of(tensor: "Tensor") -> Edge:
    """Where the gradient of a tensor goes; nowhere when it does not require grad."""
    if not tensor._requires_grad:
        return NO_EDGE
    node = tensor.grad_fn
    if node is None and tensor._view is not None and tensor._view.borrowed:
        return NO_EDGE
    return (node, tensor._output_nr) if node is not None else (tensor._accumulator(), 0)


def copy_slices(base: "Tensor", view: "Tensor", inner: Node) -> CopySlices:
    """The base's new node after `inner` wrote into the view. `inner` gave the view as its first input."""
    place = geometry(base, view)
    edges = (edge_of(base), *inner.edges[1:])
    if base._requires_grad:
        inner.edges = (_WANTED, *inner.edges[1:])
    array = base._array
    return CopySlices(None, next_sequence_number(), edges, (), True, array.shape, array.dtype, inner=inner, place=place)


def wake_views(base: "Tensor", borrowed: bool) -> None:
    """Views of a tensor that came to require grad do so too; each gets its grad_fn when someone asks for it."""
    group = base._storage.group
    if group is None:
        return
    for ref in group.members:
        tensor = ref()
        if tensor is not None and tensor._view is not None and tensor._view.base is base:
            tensor._view.borrowed = borrowed and not tensor._requires_grad
            tensor._requires_grad = True


def refresh(view: "Tensor") -> None:
    """Gives a view whose memory was written since a grad_fn that starts at its base."""
    info: View = view._view  # type: ignore[assignment]
    info.version = view._storage.version
    base = info.base
    if not base._requires_grad or info.without_grad:
        return
    array = view._array
    view._grad_fn = AsStridedBackward0(
        None, next_sequence_number(), (edge_of(base),), (), False, array.shape, array.dtype, place=geometry(base, view)
    )
    view._output_nr = 0
    view._requires_grad = True
