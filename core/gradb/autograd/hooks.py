"""Hooks on tensors and nodes, in torch's order: tensor hooks, retain_grad, node prehooks, the visit, node hooks."""

import weakref
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from msgspec import Struct

from gradb.autograd import leaf_complaints
from gradb.autograd.accumulate import retain
from gradb.autograd.node import AccumulateGrad, Hooks, Node
from gradb.autograd.tensor import Tensor


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away again."""

    def __init__(self, hooks: list[Callable[..., Any]], hook: Callable[..., Any], first: bool = False) -> None:
        self._hooks = hooks
        self._hook = hook
        hooks.insert(0 if first else len(hooks), hook)

    def __enter__(self) -> "RemovableHandle":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def remove(self) -> None:
        """Takes the hook away; a second call does nothing."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)


def hooks_of(node: Node) -> Hooks:
    """The hooks of a node, made on first use."""
    if node.hooks is None:
        node.hooks = Hooks({}, {}, [], [], [])
    return node.hooks


def register_tensor_hook(tensor: Tensor, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
    """Calls `hook(gradient)` whenever the gradient of `tensor` is complete."""
    if not tensor._requires_grad:
        raise leaf_complaints.hook_without_requires_grad(tensor)
    node = tensor.grad_fn
    if node is None:
        node = kept_accumulator(tensor)
    return RemovableHandle(hooks_of(node).tensor.setdefault(tensor._output_nr, []), hook)


def register_post_accumulate_hook(tensor: Tensor, hook: Callable[[Tensor], None]) -> RemovableHandle:
    """Calls `hook(tensor)` whenever the `.grad` of a leaf was written."""
    if not tensor._requires_grad:
        raise leaf_complaints.hook_without_requires_grad(tensor)
    if tensor.grad_fn is not None:
        raise leaf_complaints.accumulate_hook_of_non_leaf(tensor)
    return RemovableHandle(hooks_of(kept_accumulator(tensor)).accumulated, hook)


def kept_accumulator(leaf: Tensor) -> AccumulateGrad:
    """The leaf's AccumulateGrad node, which from now on outlives the graphs that lead to it, as its hooks must."""
    node = leaf._accumulator()
    leaf._accumulator_ref = Strong(node)
    return node


class Strong(Struct, frozen=True):
    """Stands where a weak reference would, and keeps the node alive."""

    node: AccumulateGrad

    def __call__(self) -> AccumulateGrad:
        return self.node


def retain_grad(node: Node, tensor: Tensor) -> None:
    """Makes the node write the gradient of its output into the `.grad` of `tensor`."""
    hooks_of(node).retain[tensor._output_nr] = weakref.ref(tensor)


def move_retain(tensor: Tensor, old: Node, new: Node) -> None:
    """After an in-place op the tensor's own gradient arrives at another node."""
    hooks_of(old).retain.pop(tensor._output_nr, None)
    hooks_of(new).retain[0] = weakref.ref(tensor)


def on_arrival(node: Node, incoming: tuple[Any, ...]) -> tuple[Any, ...]:
    """Runs the hooks of the node's tensors when their gradients are whole; returns what the hooks made of these."""
    hooks = hooks_of(node)
    gradients = list(incoming)
    for output_nr, registered in hooks.tensor.items():
        for hook in list(registered):
            if gradients[output_nr] is not None:
                result = hook(as_tensor(gradients[output_nr]))
                if result is not None:
                    gradients[output_nr] = _like(result, gradients[output_nr], hook)
    for output_nr, ref in hooks.retain.items():
        tensor = ref()
        if tensor is not None and gradients[output_nr] is not None:
            retain(tensor, gradients[output_nr])
    return tuple(gradients)


def before_visit(node: Node, incoming: tuple[Any, ...]) -> tuple[Any, ...]:
    """Runs what comes before the node's own computation; returns the gradients, which hooks may have replaced."""
    gradients = list(incoming)
    for hook in list(hooks_of(node).before):
        gradients = _replaced(hook(tuple([as_tensor(g) for g in gradients])), gradients, hook)
    return tuple(gradients)


def after_visit(node: Node, outgoing: Sequence[Any], incoming: tuple[Any, ...]) -> list[Any]:
    """Runs the hooks that see what went out and what came in; they may replace what goes out."""
    gradients = list(outgoing)
    if isinstance(node, AccumulateGrad):
        for hook in list(hooks_of(node).accumulated):
            hook(node.variable)
    for hook in list(hooks_of(node).after):
        result = hook(tuple([as_tensor(g) for g in gradients]), tuple([as_tensor(g) for g in incoming]))
        gradients = _replaced(result, gradients, hook)
    return gradients


def _replaced(result: Any, gradients: list[Any], hook: Callable[..., Any]) -> list[Any]:
    """The gradients after a hook on a node returned `result`."""
    if result is None:
        return gradients
    replaced = result if isinstance(result, tuple | list) else (result,)
    if len(replaced) != len(gradients):
        raise leaf_complaints.hook_result_count(hook, len(replaced), len(gradients))
    return [_like(new, old, hook) for new, old in zip(replaced, gradients, strict=True)]


def _like(result: Any, old: Any, hook: Callable[..., Any]) -> Any:
    """A hook's result in the form in which the engine passes gradients on."""
    if result is None:
        return None
    if not isinstance(result, Tensor):
        raise leaf_complaints.hook_result(hook, result)
    if old is not None and (old.shape != result._array.shape or result._array.dtype != _dtype(old)):
        raise leaf_complaints.hook_result_kind(hook, result)
    result._storage.lent = True
    return result if isinstance(old, Tensor) else result._array


def _dtype(gradient: Any) -> Any:
    return gradient._array.dtype if isinstance(gradient, Tensor) else gradient.dtype


def as_tensor(gradient: Any) -> Any:
    """A gradient as the tensor that a program gets, on the same memory."""
    if gradient is None or isinstance(gradient, Tensor):
        return gradient
    tensor = Tensor._wrap(gradient)
    tensor._storage.lent = True
    return tensor
