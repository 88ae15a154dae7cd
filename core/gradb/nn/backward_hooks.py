"""The backward hooks of a module: `BackwardHook` puts a node before and one behind it, which call the hooks."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from gradb.autograd.function import Function
from gradb.autograd.hooks import RemovableHandle, hooks_of
from gradb.autograd.mode import mode
from gradb.autograd.tensor import Tensor

Hook = Callable[..., Any]
Gradients = tuple[Any, ...]


class BackwardHookFunction(Function):
    """out = inputs"""

    @staticmethod
    def forward(ctx: Any, *args: Any) -> Any:
        """The tensors themselves."""
        ctx.mark_non_differentiable(*[arg for arg in args if not arg._requires_grad])
        return args

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """∂L/∂out"""
        return grads


class BackwardHook:
    """Of one call of a module. The node behind the outputs gets their gradients first, the one before the inputs last.

    Hooks get tuples with a place for each positional argument or output, None where there is no tensor.
    """

    def __init__(self, module: Any, hooks: Sequence[Hook], pre_hooks: Sequence[Hook]) -> None:
        self._module = module
        self._hooks = hooks
        self._pre_hooks = pre_hooks
        self._arrived: Gradients | None = None  # the gradients of the outputs, until the hooks have had them
        self._inputs: list[int] | None = None  # the places of tensors; None where no tensor requires grad
        self._outputs: list[int] | None = None
        self._count_in = self._count_out = 0

    def take_inputs(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """What forward gets in the place of its arguments."""
        self._count_in = len(args)
        taken, self._inputs = _through_node(args, self._leave)
        return taken

    def take_outputs(self, result: Any) -> Any:
        """What the caller gets in the place of the result."""
        if not isinstance(result, Tensor | tuple):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(result)}",
                stacklevel=4,
            )
        outputs: tuple[Any, ...] = result if isinstance(result, tuple) else (result,)
        self._count_out = len(outputs)
        taken, self._outputs = _through_node(outputs, self._arrive)
        return taken if isinstance(result, tuple) else taken[0]

    # --- what the nodes call

    def _arrive(self, _: Gradients, arrived: Gradients) -> Gradients:
        """The gradients of the outputs are known."""
        assert self._outputs is not None
        gradients = _spread(self._outputs, arrived, self._count_out)
        for hook in self._pre_hooks:
            gradients = _replaced(hook(self._module, gradients), gradients, "Backward pre hook", "grad_output")
        self._arrived = gradients
        if self._inputs is None:
            self._call_at_once(gradients)
        return tuple([gradients[place] for place in self._outputs])

    def _call_at_once(self, gradients: Gradients) -> None:
        """No gradient will come to the inputs."""
        warnings.warn(
            "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs "
            "require gradients",
            stacklevel=2,
        )
        for hook in self._hooks:
            result = hook(self._module, (None,) * self._count_in, gradients)
            if result is not None and not (isinstance(result, tuple) and all(one is None for one in result)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )
        self._arrived = None

    def _leave(self, sent: Gradients, _: Gradients) -> Gradients | None:
        """The gradients of the inputs are known. Without those of the outputs, another way led here."""
        if self._arrived is None:
            return None
        assert self._inputs is not None
        gradients = _spread(self._inputs, sent, self._count_in)
        for hook in self._hooks:
            result = hook(self._module, gradients, self._arrived)
            gradients = _replaced(result, gradients, "Backward hook", "grad_input")
        self._arrived = None
        return tuple([gradients[place] for place in self._inputs])


def _through_node(values: tuple[Any, ...], hook: Hook) -> tuple[tuple[Any, ...], list[int] | None]:
    """The values with their tensors behind a new node that has the hook, and the places of the tensors."""
    places = [place for place, value in enumerate(values) if isinstance(value, Tensor)]
    if not mode.grad_enabled or not any(values[place]._requires_grad for place in places):
        return values, None
    through: Any = BackwardHookFunction.apply(*[values[place] for place in places])
    node = next(tensor.grad_fn for tensor in through if tensor.grad_fn is not None)
    RemovableHandle(hooks_of(node).after, hook)
    replaced = dict(zip(places, through, strict=True))
    taken = [replaced.get(place, value) for place, value in enumerate(values)]
    return (tuple(taken) if type(values) is tuple else type(values)(*taken)), places


def _spread(places: list[int], gradients: Gradients, count: int) -> Gradients:
    """The gradients at their places among `count`, None at the others."""
    found = dict(zip(places, gradients, strict=True))
    return tuple([found.get(place) for place in range(count)])


def _replaced(result: Any, gradients: Gradients, what: str, which: str) -> Gradients:
    """The gradients after a hook returned `result`."""
    if result is None:
        return gradients
    replaced = result if isinstance(result, tuple | list) else (result,)
    if len(replaced) != len(gradients):
        raise RuntimeError(
            f"{what} returned an invalid number of {which}, got {len(replaced)}, but expected {len(gradients)}"
        )
    return tuple(replaced)
