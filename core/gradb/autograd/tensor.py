"""The Tensor: an array, its storage, and its place in the graph. Its methods are attached by `gradb.ops`."""

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradb.autograd import leaf_complaints
from gradb.autograd.mode import mode
from gradb.autograd.node import LAST, AccumulateGrad, Node
from gradb.autograd.storage import Storage, join
from gradb.autograd.views import View, refresh, wake_views
from gradb.trace.events import Array, TensorState

_new = object.__new__
_OBJECTS = np.dtype(object)


class Tensor:
    """An n-dimensional array that can take part in a graph, with PyTorch's attributes and methods.

    `Tensor(data)` makes a float32 tensor of nested lists and `Tensor(2, 3)` an uninitialised one, as in torch.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_accumulator_ref",
        "_array",
        "_grad",
        "_grad_fn",
        "_output_nr",
        "_requires_grad",
        "_retained",
        "_run",
        "_state",
        "_storage",
        "_view",
    )

    if TYPE_CHECKING:
        _array: Array
        _storage: Storage
        _requires_grad: bool
        _output_nr: int
        _origin: str
        _grad: "Tensor | None"
        _retained: Any
        _run: object
        _state: TensorState
        _view: View | None
        _accumulator_ref: Callable[[], AccumulateGrad | None] | None
        _grad_fn: Node | None

        def __getattr__(self, name: str) -> Any: ...
        def __add__(self, other: Any) -> "Tensor": ...
        def __sub__(self, other: Any) -> "Tensor": ...
        def __mul__(self, other: Any) -> "Tensor": ...
        def __truediv__(self, other: Any) -> "Tensor": ...
        def __pow__(self, other: Any) -> "Tensor": ...
        def __matmul__(self, other: Any) -> "Tensor": ...
        def __radd__(self, other: Any) -> "Tensor": ...
        def __rsub__(self, other: Any) -> "Tensor": ...
        def __rmul__(self, other: Any) -> "Tensor": ...
        def __rtruediv__(self, other: Any) -> "Tensor": ...
        def __rpow__(self, other: Any) -> "Tensor": ...
        def __neg__(self) -> "Tensor": ...
        def __isub__(self, other: Any) -> "Tensor": ...
        def __iadd__(self, other: Any) -> "Tensor": ...
        def __imul__(self, other: Any) -> "Tensor": ...
        def __getitem__(self, index: Any) -> "Tensor": ...

        backward: Callable[..., None]
        detach: Callable[..., "Tensor"]
        detach_: Callable[..., "Tensor"]
        data: "Tensor"
        numpy: Callable[..., Array]

    def __new__(cls, *data: Any) -> "Tensor":
        from gradb.ops.creation import legacy_tensor

        return legacy_tensor(*data)

    @classmethod
    def _wrap(
        cls, array: Array, grad_fn: Node | None = None, output_nr: int = 0, storage: Storage | None = None
    ) -> "Tensor":
        """A tensor around an array that nobody else writes into. Raises TypeError for an array of objects."""
        if array.dtype is _OBJECTS:
            raise TypeError("tensors hold numbers and truth values; this would be one of other objects")
        self = _new(cls)
        self._array = array
        self._storage = mode.storage() if storage is None else storage
        self._grad_fn = grad_fn
        self._requires_grad = grad_fn is not None
        self._output_nr = output_nr
        self._grad = None
        self._retained = None
        self._run = None
        self._view = None
        self._accumulator_ref = None
        return self

    # --- its place in the graph

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this tensor."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if type(wanted) is not bool:  # pyright: ignore[reportUnnecessaryComparison]  # programs are not checked
            raise leaf_complaints.requires_grad_kind(wanted)
        if self.grad_fn is not None:
            raise leaf_complaints.requires_grad_of_non_leaf(self)
        if wanted and self._array.dtype.kind != "f":
            raise leaf_complaints.requires_grad_of_integers(self)
        if wanted and self._storage.inference and not mode.inference:
            raise leaf_complaints.requires_grad_of_inference_tensor(self)
        if self._view is not None:
            self._view.borrowed = False
        if wanted != self._requires_grad:
            self._requires_grad = bool(wanted)
            if wanted and self._storage.group is not None:
                wake_views(self, True)
            if mode.recorder is not None:
                mode.recorder.requires_grad(self)

    def requires_grad_(self, requires_grad: bool = True) -> "Tensor":
        """Switches requires_grad of a leaf and returns the tensor. Raises RuntimeError on a non-leaf."""
        if self._grad_fn is None or not requires_grad:
            self.requires_grad = requires_grad
        return self

    @property
    def grad_fn(self) -> Node | None:
        """The node that this tensor's gradient goes to, None for a leaf."""
        view = self._view
        if view is not None and view.version != self._storage.version and self._requires_grad:
            refresh(self)
        return self._grad_fn

    @property
    def is_leaf(self) -> bool:
        """Whether no op that is tracked made this tensor."""
        return self._grad_fn is None or not self._requires_grad

    @property
    def output_nr(self) -> int:
        """Which output of its grad_fn this tensor is."""
        return self._output_nr

    @property
    def _version(self) -> int:
        if self._storage.inference:
            raise leaf_complaints.version_of_inference_tensor(self)
        return self._storage.version

    def is_inference(self) -> bool:
        """Whether inference mode made this tensor: no graph may need it."""
        return self._storage.inference

    def _accumulator(self) -> AccumulateGrad:
        """The node that a leaf's gradient arrives at; it lives as long as some graph leads to it."""
        node = self._accumulator_ref() if self._accumulator_ref is not None else None
        if node is None:
            node = AccumulateGrad(None, LAST, (), (), False, self._array.shape, self._array.dtype, variable=self)
            self._accumulator_ref = weakref.ref(node)
        return node

    # --- its gradient

    @property
    def grad(self) -> "Tensor | None":
        """The gradient accumulated so far; None before the first backward, and for a non-leaf without retain_grad."""
        if self._grad is None and self.grad_fn is not None and self._retained is None:
            leaf_complaints.warn_grad_of_non_leaf(self)
        return self._grad

    @grad.setter
    def grad(self, gradient: "Tensor | None") -> None:
        if gradient is not None:
            leaf_complaints.check_assigned_grad(self, gradient)
        before = self._grad
        self._grad = gradient
        if mode.recorder is not None and before is not gradient:
            mode.recorder.zero_grad(self, before._array if before is not None else None, gradient)

    @grad.deleter
    def grad(self) -> None:
        self.grad = None

    def retain_grad(self) -> None:
        """Keeps the gradient of a non-leaf in `.grad`. Raises RuntimeError when the tensor does not require grad."""
        if not self._requires_grad:
            raise leaf_complaints.retain_grad_without_requires_grad(self)
        if self.grad_fn is not None:
            from gradb.autograd.hooks import retain_grad

            retain_grad(self.grad_fn, self)
            self._retained = True

    @property
    def retains_grad(self) -> bool:
        """Whether this non-leaf keeps its gradient."""
        return self._retained is not None

    def register_hook(self, hook: Callable[["Tensor"], "Tensor | None"]) -> Any:
        """Calls `hook` with the gradient of this tensor in every backward; what it returns replaces the gradient."""
        from gradb.autograd.hooks import register_tensor_hook

        return register_tensor_hook(self, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[["Tensor"], None]) -> Any:
        """Calls `hook` with this leaf whenever backward has written its `.grad`."""
        from gradb.autograd.hooks import register_post_accumulate_hook

        return register_post_accumulate_hook(self, hook)

    __hash__ = object.__hash__


class Parameter(Tensor):
    """A tensor that a module trains: it requires grad unless told otherwise."""

    __slots__ = ()

    def __new__(cls, data: Tensor, requires_grad: bool = True) -> "Parameter":
        if requires_grad and data._array.dtype.kind != "f":
            raise leaf_complaints.requires_grad_of_integers(data)
        if requires_grad and data._storage.inference and not mode.inference:
            raise leaf_complaints.requires_grad_of_inference_tensor(data)
        self = cls._wrap(data._array, None, 0, data._storage)
        join(data, self)
        self._requires_grad = bool(requires_grad)
        if mode.recorder is not None:
            mode.recorder.created(self, "Parameter")
        return self  # type: ignore[return-value]  # `_wrap` makes a cls
