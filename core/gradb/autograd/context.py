"""`FunctionCtx`: what a Function's forward leaves for its backward: tensors saved, all else by name."""

import weakref
from collections.abc import Callable
from typing import Any

from gradb.autograd import backward_complaints
from gradb.autograd.node import Node, Saved
from gradb.autograd.tensor import Tensor


class FunctionCtx:
    """The first argument of a Function's `forward` and `backward`. Any other attribute may be set and read on it."""

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        self.materialize_grads = True
        self._dirty: tuple[Tensor, ...] = ()
        self._constant: tuple[Tensor, ...] = ()
        self._to_save: tuple[Tensor | None, ...] = ()
        self._saved: tuple[Saved | None, ...] | None = ()
        self._node: Callable[[], Node | None] = _nothing
        self._outputs = 1

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps inputs and outputs for backward, which gets them as `saved_tensors`. Raises TypeError for the rest."""
        for position, tensor in enumerate(tensors):
            if tensor is not None and not isinstance(tensor, Tensor):  # pyright: ignore[reportUnnecessaryIsInstance]  # programs are not checked
                raise TypeError(
                    f"save_for_backward takes tensors, found {type(tensor).__name__} at position {position}. "
                    "Keep other values as attributes: ctx.name = value"
                )
        self._to_save = tensors

    @property
    def saved_tensors(self) -> tuple[Any, ...]:
        """What was saved. Raises RuntimeError where it was released, or changed in place since."""
        node = self._node()
        if self._saved is None:
            raise backward_complaints.released(node) if node is not None else RuntimeError("the saved tensors are gone")
        tensors: list[Any] = []
        for position, saved in enumerate(self._saved):
            if saved is not None and saved.storage.version != saved.version:
                assert node is not None
                raise backward_complaints.changed_in_place(node, f"saved_tensors[{position}]", saved)
            tensors.append(_unpacked(saved, node))
        return tuple(tensors)

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Says which inputs forward changed in place; each must be returned."""
        self._dirty = tensors

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Says which outputs have no gradient."""
        self._constant = tensors

    def set_materialize_grads(self, value: bool) -> None:
        """Whether backward gets zeros (the default), or None, for an output that nothing used."""
        self.materialize_grads = value

    def keep(self, node: Node, outputs: tuple[Any, ...]) -> None:
        """Notes the tensors to save, after forward, with the versions they have now."""
        self._node = weakref.ref(node)
        saved: list[Saved | None] = []
        for tensor in self._to_save:
            if tensor is None:
                saved.append(None)
                continue
            storage = tensor._storage
            if storage.inference:
                raise backward_complaints.saving_inference_tensor(tensor, node.name())
            number = next((i for i, output in enumerate(outputs) if output is tensor), None)
            held = tensor if number is None or tensor._grad_fn is not node else None
            saved.append(Saved(held, tensor._array, storage, storage.version, number or 0))
        self._saved = tuple(saved)
        self._to_save = ()

    def release(self) -> bool:
        """Lets the saved tensors go; says whether there were any."""
        had = bool(self._saved)
        if had:
            self._saved = None
        return had


def _unpacked(saved: Saved | None, node: Node | None) -> Tensor | None:
    if saved is None or saved.tensor is not None:
        return None if saved is None else saved.tensor
    return Tensor._wrap(saved.current_array(), node, saved.output_nr, saved.storage)


def _nothing() -> None:
    return None
