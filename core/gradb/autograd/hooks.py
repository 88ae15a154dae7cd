"""Hooks on tensors and nodes, in torch's order: tensor hooks, retain_grad, node prehooks, the visit, node hooks."""

import weakref
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from gradb.autograd import leaf_complaints
from gradb.autograd.accumulate import retain
from gradb.autograd.node import AccumulateGrad, Hooks, Node
from gradb.autograd.tensor import Tensor


class RemovableHandle:
    """What registering a hook returns: `remove()` takes the hook away again."""

    def __init__(self, hooks: list[Callable[..., Any]], hook: Callable[..., Any]) -> None:
        self._hooks = hooks
        self._hook = hook
        hooks.append(hook)

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


def before_visit(node: Node, incoming: tuple[Any, ...]) -> tuple[Any, ...]:
    """Runs what comes before the node's own computation; returns the gradients, which hooks may have replaced."""
    hooks = hooks_of(node)
    gradients = list(incoming)
    for output_nr, registered in hooks.tensor.items():
        for hook in list(registered):
            gradients[output_nr] = _replaced(gradients[output_nr], hook)
    for output_nr, ref in hooks.retain.items():
        tensor = ref()
        if tensor is not None and gradients[output_nr] is not None:
            retain(tensor, gradients[output_nr])
    for hook in list(hooks.before):
        result = hook(tuple([_tensor(g) for g in gradients]))
        if result is not None:
            replaced = result if isinstance(result, tuple | list) else (result,)
            gradients = [_like(g, old) for g, old in zip(replaced, gradients, strict=True)]
    return tuple(gradients)


def after_visit(node: Node, outgoing: Sequence[Any], incoming: tuple[Any, ...]) -> list[Any]:
    """Runs the hooks that see what went out and what came in; they may replace what goes out."""
    gradients = list(outgoing)
    if isinstance(node, AccumulateGrad):
        for hook in list(hooks_of(node).accumulated):
            hook(node.variable)
    for hook in list(hooks_of(node).after):
        result = hook(tuple([_tensor(g) for g in gradients]), tuple([_tensor(g) for g in incoming]))
        if result is not None:
            replaced = result if isinstance(result, tuple | list) else (result,)
            gradients = [_like(g, old) for g, old in zip(replaced, gradients, strict=True)]
    return gradients


def _replaced(gradient: Any, hook: Callable[[Tensor], Any]) -> Any:
    if gradient is None:
        return None
    result = hook(_tensor(gradient))
    return gradient if result is None else _like(result, gradient)


def _tensor(gradient: Any) -> Any:
    if gradient is None or isinstance(gradient, Tensor):
        return gradient
    tensor = Tensor._wrap(gradient)
    tensor._storage.lent = True
    return tensor


def _like(result: Any, old: Any) -> Any:
    """A hook's result in the form in which the engine passes gradients on."""
    if result is None or isinstance(old, Tensor):
        return result
    if not isinstance(result, Tensor):
        raise leaf_complaints.hook_result(result)
    result._storage.lent = True
    return result._array
