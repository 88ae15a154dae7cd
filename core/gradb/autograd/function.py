"""`torch.autograd.Function`: an op that a program defines, with a forward and a backward of its own, run by `apply`."""

import warnings
from collections.abc import Callable
from functools import wraps
from typing import Any

from gradb.autograd.capture import one_step
from gradb.autograd.context import FunctionCtx as FunctionCtx
from gradb.autograd.function_node import FunctionNode, OnceNode, node_class
from gradb.autograd.function_outputs import take_outputs
from gradb.autograd.mode import mode, no_grad
from gradb.autograd.node import NO_EDGE, next_sequence_number
from gradb.autograd.tensor import Tensor
from gradb.autograd.unrecorded import unrecorded
from gradb.autograd.views import edge_of

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


class Function:
    """Derive from it, write `forward(ctx, *args)` and `backward(ctx, *grad_outputs)` as static methods, call `apply`.

    Or write `forward(*args)` and `setup_context(ctx, inputs, output)`. `backward` returns a gradient for each argument
    of forward, None for one that has none. The op is one event of a recording, whatever forward does inside; the first
    line of the class's docstring is its formula, where it is one (`out = x · k`).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self).__name__} should not be instantiated: its methods are static. "
            f"Call {type(self).__name__}.apply(...)",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = type(self).__name__
        raise RuntimeError(f"{name} is not called as an object: write {name}.apply(...), with a static forward")

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """Computes the result from the arguments; `ctx` comes first unless there is a `setup_context`."""
        raise NotImplementedError("a Function must have a static method forward(ctx, ...)")

    @staticmethod
    def setup_context(*args: Any, **kwargs: Any) -> Any:
        """Gets (ctx, inputs, output) and keeps in ctx what backward needs, where `forward` takes no ctx."""
        raise NotImplementedError("setup_context is not there")

    @staticmethod
    def backward(*args: Any, **kwargs: Any) -> Any:
        """Gets (ctx, *grad_outputs): the gradient of each argument of forward, from that of each result."""
        raise NotImplementedError("a Function must have a static method backward(ctx, *grad_outputs) to be walked back")

    @classmethod
    @one_step
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Runs forward and puts one node into the graph, named after the class: `SquareBackward`."""
        needs = tuple([isinstance(arg, Tensor) and arg._requires_grad for arg in args])
        node: FunctionNode | None = None
        ctx = FunctionCtx(needs)
        tracked = mode.grad_enabled and any(needs)
        if tracked:
            tensors = [arg for arg in args if isinstance(arg, Tensor)]
            edges = tuple([edge_of(arg) if arg._requires_grad else NO_EDGE for arg in tensors])
            arguments = tuple([arg._array.shape if isinstance(arg, Tensor) else None for arg in args])
            node = node_class(cls)(None, next_sequence_number(), edges, ctx=ctx, function=cls, arguments=arguments)
        with no_grad(), unrecorded():
            if cls.setup_context is Function.setup_context:
                output = cls.forward(ctx, *args, **kwargs)
            else:
                output = cls.forward(*args, **kwargs)
                cls.setup_context(ctx, args, output)
        return take_outputs(cls, ctx, node, args, output)


def once_differentiable(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Decorates a `backward` whose operations must not be differentiated again: a second backward through it raises."""

    @wraps(backward)
    def once(ctx: Any, *grad_outputs: Any) -> Any:
        with no_grad():
            gradients = backward(ctx, *grad_outputs)
        if not mode.grad_enabled or not any(isinstance(g, Tensor) and g._requires_grad for g in grad_outputs):
            return gradients
        several = isinstance(gradients, tuple)
        return _last(gradients) if several else _last((gradients,))[0]

    return once


def _last(gradients: tuple[Any, ...]) -> tuple[Any, ...]:
    """The gradients behind a node that cannot be walked."""
    results: list[Any] = []
    for gradient in gradients:
        if isinstance(gradient, Tensor):
            array = gradient._array
            node = OnceNode(None, next_sequence_number(), (NO_EDGE,), shape=array.shape, dtype=array.dtype)
            gradient = Tensor._wrap(array, node, 0)
            gradient._storage.lent = True
        results.append(gradient)
    return tuple(results)
