"""`FunctionNode`: a program's own Function in the graph; a visit calls its `backward`."""

from typing import Any

import numpy as np

from gradb.autograd.complaints import shape_text
from gradb.autograd.context import FunctionCtx
from gradb.autograd.hooks import as_tensor
from gradb.autograd.node import Node
from gradb.autograd.tensor import Tensor
from gradb.autograd.unrecorded import unrecorded


class FunctionNode(Node, eq=False):
    """`arguments`: the shape of each tensor that forward took, None for an argument that is no tensor.

    `results`: the shape and dtype of each thing that it returned, None for what is no tensor.
    """

    ctx: Any = None
    function: Any = None
    arguments: tuple[Any, ...] = ()
    results: tuple[Any, ...] = ()

    def compute(self, grads: tuple[Any, ...], live: bool) -> list[Any]:
        """Calls backward; the gradients of the arguments that are tensors."""
        ctx: FunctionCtx = self.ctx
        given: list[Any] = []
        for gradient, meta in zip(grads, self.results, strict=True):
            if gradient is None and meta is not None and ctx.materialize_grads:
                gradient = np.zeros(*meta)
            given.append(as_tensor(gradient))
        if live:
            found = self.function.backward(ctx, *given)
        else:
            with unrecorded():
                found = self.function.backward(ctx, *given)
        return self._checked(list(found) if isinstance(found, tuple) else [found], live)

    def gradients(self, grads: tuple[Any, ...], values: Any, live: bool) -> list[Any]:
        """The same; what was saved is in the ctx."""
        return self.compute(grads, live)

    def _checked(self, found: list[Any], live: bool) -> list[Any]:
        while len(found) > len(self.arguments) and found[-1] is None:
            found.pop()
        if len(found) != len(self.arguments):
            raise RuntimeError(
                f"{self.name()}: backward returns one gradient for each of forward's {len(self.arguments)} arguments "
                f"(None where there is none), but it returned {len(found)}"
            )
        gradients: list[Any] = []
        for position, (gradient, shape) in enumerate(zip(found, self.arguments, strict=True)):
            where = f"{self.name()}: backward returned for forward's argument {position + 1}"
            if gradient is not None and not isinstance(gradient, Tensor):
                raise RuntimeError(f"{where} a {type(gradient).__name__}, where a tensor or None belongs")
            if shape is None:
                if gradient is not None:
                    raise RuntimeError(f"{where} a gradient, but that argument is no tensor: return None for it")
                continue
            if gradient is not None and not _reaches(shape, gradient._array.shape):
                raise RuntimeError(
                    f"{where} a gradient of shape {shape_text(gradient._array.shape)}; "
                    f"the argument has the shape {shape_text(shape)}"
                )
            if gradient is not None and not live:
                gradient._storage.lent = True
                gradient = gradient._array
            gradients.append(gradient)
        return gradients

    def release(self) -> bool:
        """Lets the saved tensors go; says whether there were any."""
        return self.ctx.release()

    def __getattr__(self, attribute: str) -> Any:
        """In torch the ctx of forward is the node itself: its attributes are found here too."""
        if not attribute.startswith("_"):
            try:
                return getattr(self.ctx, attribute)
            except AttributeError:
                pass
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {attribute!r}")

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *[name for name in dir(self.ctx) if not name.startswith("_")]]


class OnceNode(Node, eq=False):
    """Behind gradients that may not be differentiated again."""

    def name(self) -> str:
        """As torch calls it."""
        return "torch::autograd::Error"

    def compute(self, grads: tuple[Any, ...], live: bool) -> list[Any]:
        """Raises RuntimeError."""
        raise RuntimeError(
            "a second backward reached a Function whose backward is marked @once_differentiable. "
            "Write that backward with differentiable ops and take the decorator away"
        )


def _reaches(shape: tuple[int, ...], found: tuple[int, ...]) -> bool:
    """Whether a tensor of `shape` could be broadcast to the gradient's shape."""
    if len(found) < len(shape):
        return False
    return all(n in (1, m) for n, m in zip(reversed(shape), reversed(found), strict=False))


_classes: "dict[type, type[FunctionNode]]" = {}


def node_class(function: type) -> type[FunctionNode]:
    """The class of a Function's nodes, `SquareBackward` for Square; one for each Function."""
    found = _classes.get(function)
    if found is None:
        kind: Any = type(Node)
        name = f"{function.__name__}Backward"
        found = _classes[function] = kind(name, (FunctionNode,), {"__module__": __name__}, eq=False)
    return found
