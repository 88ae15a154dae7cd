"""What a recording knows of torch's tensors: `Known` keeps the state of each, and finds the leaf behind a memory."""

import weakref
from typing import Any

from gradb.trace.events import TensorState


class Known:
    """Tensors that a recording has met. It keeps none of them alive."""

    def __init__(self) -> None:
        self._states: dict[int, tuple[weakref.ref[Any], TensorState]] = {}
        self._leaves: dict[int, weakref.ref[Any]] = {}  # by the address of their memory

    def state(self, tensor: Any) -> TensorState | None:
        """The state that was kept last, None for a tensor that was not met."""
        found = self._states.get(id(tensor))
        return found[1] if found is not None and found[0]() is tensor else None

    def keep(self, tensor: Any, state: TensorState) -> None:
        """Keeps the state of a tensor."""
        place = id(tensor)
        found = self._states.get(place)
        if found is not None and found[0]() is tensor:
            self._states[place] = (found[0], state)
        else:
            self._states[place] = (weakref.ref(tensor, lambda gone: self._forget(place, gone)), state)
        if state.requires_grad and state.grad_fn is None and not tensor._is_view():
            self._leaves[tensor.untyped_storage().data_ptr()] = self._states[place][0]

    def _forget(self, place: int, gone: Any) -> None:
        found = self._states.get(place)
        if found is not None and found[0] is gone:
            del self._states[place]

    def leaf_behind(self, tensor: Any) -> Any:
        """The leaf that requires grad and has the same memory, None where there is none."""
        address = tensor.untyped_storage().data_ptr()
        found = self._leaves.get(address)
        leaf = found() if found is not None and address else None
        if leaf is None or not leaf.requires_grad or leaf.untyped_storage().data_ptr() != address:
            return None
        return leaf


def node_of(tensor: Any) -> Any:
    """The node; None where torch refuses it: for a view made under no_grad whose base was changed since."""
    try:
        return tensor.grad_fn
    except RuntimeError:
        return None


def origin_of(tensor: Any) -> str:
    """Which function made a tensor that the recording meets."""
    return "Parameter" if type(tensor).__name__ == "Parameter" else "outside"
