"""Backward functions: `Node` runs the gradients of its op, `AccumulateGrad` is where a leaf's gradient arrives."""

import itertools
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct

from gradb.autograd.storage import Storage, current
from gradb.trace.events import Array, NodeRef

if TYPE_CHECKING:
    from gradb.autograd.op import Op
    from gradb.autograd.tensor import Tensor

next_sequence_number = itertools.count().__next__
LAST = (1 << 64) - 1  # AccumulateGrad nodes run before every other ready node: torch gives them the highest number


class Saved(Struct, frozen=True, gc=False):
    """A tensor kept for the gradient, and the version it had. For an output `tensor` is None, so that the node and
    its result do not keep each other alive."""

    tensor: Any
    array: Array
    storage: Storage
    version: int
    output_nr: int = 0

    def current_array(self) -> Array:
        """What the tensor holds now: a write through `.data` shows, though it does not count as a change."""
        if self.tensor is not None:
            return self.tensor._array
        return self.array if self.storage.group is None else current(self.array, self.storage)


Edge = tuple["Node | None", int]
NO_EDGE: Edge = (None, 0)


class Hooks(Struct, gc=False):
    """The hooks of one node, each list in the order of registration; tensor hooks are kept by output number."""

    tensor: dict[int, list[Callable[..., Any]]]
    retain: dict[int, "weakref.ref[Tensor]"]
    before: list[Callable[..., Any]]
    after: list[Callable[..., Any]]
    accumulated: list[Callable[..., Any]]


class Node(Struct, eq=False, weakref=True):
    """One backward function in the graph.

    `keeps` says whether a tensor is among what is `saved`: such a node cannot run again once it is released.
    `edges` lead to the nodes of the inputs, `(None, 0)` for an input without grad. `shape` and `dtype` are those of
    the op's output: the engine reduces what goes to a node to them, as broadcasting and promotion may have made it
    larger. `metas` has them for each output of an op with several.
    """

    op: Any
    sequence_nr: int
    edges: tuple[Edge, ...]
    saved: tuple[Any, ...] | None = ()
    keeps: bool = False
    shape: tuple[int, ...] = ()
    dtype: Any = None
    metas: tuple[tuple[tuple[int, ...], Any], ...] | None = None
    ref: NodeRef | None = None
    run: Any = None
    hooks: Hooks | None = None

    def name(self) -> str:
        """The node's name, such as `MulBackward0`."""
        return type(self).__name__

    @property
    def next_functions(self) -> tuple[Edge, ...]:
        """The nodes that this node's gradients go to, with the number of the output there."""
        return self.edges

    def _sequence_nr(self) -> int:
        return self.sequence_nr

    def compute(self, grads: tuple[Any, ...], live: bool) -> list[Any]:
        """The gradient for each input, None where none is wanted; on tensors where `live`, else on arrays."""
        return self.gradients(grads, self.unpack(live) if self.keeps else self.saved, live)

    def gradients(self, grads: tuple[Any, ...], values: Any, live: bool) -> list[Any]:
        """The same from the values of the op's fields."""
        op: Op = self.op
        grad = grads[0] if self.metas is None else self.materialized(grads, live)
        if op.variadic:
            return op.calls[0](grad, values)
        gradients: list[Any] = []
        for call, edge in zip(op.calls, self.edges):  # noqa: B905 (an op has as many calls as edges)
            gradients.append(None if edge[0] is None else call(grad, values))
        return gradients

    def materialized(self, grads: tuple[Any, ...], live: bool) -> tuple[Any, ...]:
        """The gradients of all outputs, zeros for one that nothing used."""
        from gradb.autograd.tensor import Tensor

        assert self.metas is not None
        zeros = [np.zeros(*meta) if g is None else g for g, meta in zip(grads, self.metas, strict=True)]
        return tuple([Tensor._wrap(z) if live and type(z) is np.ndarray else z for z in zeros])

    def unpack(self, live: bool) -> list[Any]:
        """The values of the op's fields: saved tensors as tensors where `live`, else as arrays.

        Raises RuntimeError when they were released, or changed in place since they were saved.
        """
        saved = self.saved
        if saved is None:
            from gradb.autograd.backward_complaints import released

            raise released(self)
        values: list[Any] = []
        for value in saved:
            if type(value) is Saved:
                if value.storage.version != value.version:
                    from gradb.autograd.backward_complaints import changed_in_place

                    position = next(i for i, other in enumerate(saved) if other is value)
                    raise changed_in_place(self, self.op.fields[position], value)
                if live:
                    value = self.as_tensor(value)
                else:
                    value = value.tensor._array if value.tensor is not None else value.current_array()
            values.append(value)
        return values

    def as_tensor(self, value: Saved) -> "Tensor":
        """The saved tensor with its place in the graph."""
        if value.tensor is not None:
            return value.tensor
        from gradb.autograd.tensor import Tensor

        return Tensor._wrap(value.current_array(), self, value.output_nr, value.storage)

    def register_hook(self, hook: Callable[..., Any]) -> Any:
        """Calls `hook(outgoing, incoming)` after each visit; what it returns replaces the outgoing gradients."""
        from gradb.autograd.hooks import RemovableHandle, hooks_of

        return RemovableHandle(hooks_of(self).after, hook)

    def register_prehook(self, hook: Callable[..., Any]) -> Any:
        """Calls `hook(incoming)` before each visit; what it returns replaces the incoming gradients."""
        from gradb.autograd.hooks import RemovableHandle, hooks_of

        return RemovableHandle(hooks_of(self).before, hook)

    def release(self) -> bool:
        """Lets the saved tensors go; says whether there were any."""
        if self.saved is None or not self.keeps:
            return False
        self.saved = None
        return True

    def __getattr__(self, attribute: str) -> Any:
        """`_saved_other` and the like: what the node keeps for its gradients."""
        if attribute.startswith("_saved_") and self.op is not None and attribute[7:] in self.op.fields:
            position = self.op.fields.index(attribute[7:])
            if self.saved is None:
                from gradb.autograd.backward_complaints import released

                raise released(self)
            value = self.saved[position]
            if type(value) is Saved:
                return self.as_tensor(value)
            if attribute[7:] in self.op.tensors and isinstance(value, int | float):
                return number_tensor(value)
            return value
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {attribute!r}")

    def __dir__(self) -> list[str]:
        op: Op | None = self.op
        shown = [] if op is None else [f for f in op.fields if not (op.variadic and f.endswith("_sizes"))]
        return [*super().__dir__(), *[f"_saved_{field}" for field in shown]]

    def __repr__(self) -> str:
        # The number in the recording stands for the address: the same program prints the same text in every run.
        place = id(self) if self.ref is None else self.ref.id
        return f"<{type(self).__name__} object at {place:#x}>"


class AccumulateGrad(Node, eq=False):
    """Adds what arrives to the `.grad` of its leaf. Weakly held by the leaf, strongly by the nodes that lead here."""

    variable: Any = None


def number_tensor(number: float) -> "Tensor":
    """A number in the place of a tensor, as torch's nodes show it: without dimensions, in float64 or int64."""
    from gradb.autograd.tensor import Tensor

    dtype = np.bool_ if isinstance(number, bool) else np.int64 if isinstance(number, int) else np.float64
    return Tensor._wrap(np.asarray(number, dtype))


def node_type(name: str, op: "Op") -> type[Node]:
    """The class of an op's nodes: its name is the name that torch's node has."""
    kind: Any = type(Node)
    return kind(name, (Node,), {"__module__": __name__, "__doc__": f"Backward of {name}."}, eq=False)
