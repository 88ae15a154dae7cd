"""What makes a tensor a view, and what an in-place change of a view does to the graph of its base."""

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from gradb.autograd import backward_complaints
from gradb.autograd.node import NO_EDGE, Edge, Node, Saved, next_sequence_number
from gradb.autograd.strided import Geometry, geometry, outside, read, spread
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


_WANTED: Edge = (Node(None, 0, ()), 0)


class CopySlices(Node, eq=False):
    """Backward of an in-place change of a view, for its base: outside the view the gradient passes, inside it goes
    through the op that wrote there."""

    inner: Any = None
    place: Any = None

    def compute(self, grads: tuple[Any, ...], live: bool) -> list[Any]:
        if self.saved is None:
            raise backward_complaints.released(self)
        grad, place = grads[0], self.place
        inner: Node = self.inner
        values = inner.unpack(live) if inner.keeps and inner.op is not None else inner.saved
        if live and inner.op is not None and values is not None:
            values = [self._as_view(s, v) for s, v in zip(inner.saved or (), values, strict=True)]
        gradients = inner.gradients((read(grad, place),), values, live)
        if self.edges[0][0] is None:
            return [None, *gradients[1:]]
        whole = outside(grad, place)
        return [whole if gradients[0] is None else whole + spread(gradients[0], place), *gradients[1:]]

    def _as_view(self, saved: Any, value: Any) -> Any:
        """A saved tensor; the result of the op that wrote is, to the graph, a view of the base that this node made."""
        if type(saved) is Saved and saved.tensor is None:
            value._grad_fn = as_strided_node(((self, 0),), value._array, self.place)
        return value

    def release(self) -> bool:
        """Lets go; unlike other nodes it can then not run again even where no tensor was saved, as in torch."""
        self.inner.release()
        self.saved = None
        return True


class AsStridedBackward0(Node, eq=False):
    """Backward of a view whose base was changed in place: the view read anew from its base."""

    place: Any = None

    def compute(self, grads: tuple[Any, ...], live: bool) -> list[Any]:
        return [spread(grads[0], self.place)]


def as_strided_node(edges: tuple[Edge, ...], array: Array, place: Geometry) -> AsStridedBackward0:
    """The node of a view that is read anew from its base."""
    return AsStridedBackward0(None, next_sequence_number(), edges, (), False, array.shape, array.dtype, place=place)


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
    info: View = view._view  # type: ignore[assignment]  # only views are refreshed
    info.version = view._storage.version
    base = info.base
    if not base._requires_grad or info.without_grad:
        return
    array = view._array
    view._grad_fn = as_strided_node((edge_of(base),), array, geometry(base, view))
    view._output_nr = 0
    view._requires_grad = True
