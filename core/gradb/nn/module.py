"""Module: a function with parameters. Subclass it, make parameters and modules in `__init__`, compute in `forward`."""

from collections.abc import Callable
from typing import Any

from gradb.autograd.hooks import RemovableHandle
from gradb.autograd.mode import mode
from gradb.nn.backward_hooks import BackwardHook
from gradb.nn.module_state import State


class Module(State):
    """Collects the parameters, buffers and modules that are assigned to it, as PyTorch's does."""

    def __init__(self) -> None:
        for name, value in (
            ("training", True),
            ("_parameters", {}),
            ("_buffers", {}),
            ("_modules", {}),
            ("_forward_hooks", []),
            ("_forward_pre_hooks", []),
            ("_backward_hooks", []),
            ("_backward_pre_hooks", []),
        ):
            object.__setattr__(self, name, value)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes; a subclass defines it."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        recorder = mode.recorder
        if recorder is None:
            return self._call(args, kwargs)
        recorder.call_begins(self)
        try:
            return self._call(args, kwargs)
        finally:
            recorder.call_ends()

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Runs forward, with the hooks around it in torch's order."""
        if not (self._forward_pre_hooks or self._forward_hooks or self._backward_hooks or self._backward_pre_hooks):
            return self.forward(*args, **kwargs)
        backward = None
        if self._backward_hooks or self._backward_pre_hooks:
            backward = BackwardHook(self, list(self._backward_hooks), list(self._backward_pre_hooks))
        for hook in list(self._forward_pre_hooks):
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        if backward is not None:
            args = backward.take_inputs(args)
        result = self.forward(*args, **kwargs)
        for hook in list(self._forward_hooks):
            changed = hook(self, args, result)
            if changed is not None:
                result = changed
        return result if backward is None else backward.take_outputs(result)

    # --- hooks

    def register_forward_hook(self, hook: Callable[..., Any], *, prepend: bool = False) -> RemovableHandle:
        """Calls `hook(module, args, output)` after forward; what it returns replaces the output."""
        return RemovableHandle(self._forward_hooks, hook, prepend)

    def register_forward_pre_hook(self, hook: Callable[..., Any], *, prepend: bool = False) -> RemovableHandle:
        """Calls `hook(module, args)` before forward; what it returns replaces the arguments."""
        return RemovableHandle(self._forward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Calls `hook(module, grad_input, grad_output)` when backward has gone through the module.

        Both are tuples, with None for what is no tensor. What it returns replaces `grad_input`. Where no input requires
        grad it is called when the gradient of the output is known, and must return None. The inputs and outputs of
        the module are views from then on: a write into them in place raises RuntimeError.
        """
        return RemovableHandle(self._backward_hooks, hook, prepend)

    def register_full_backward_pre_hook(self, hook: Callable[..., Any], prepend: bool = False) -> RemovableHandle:
        """Calls `hook(module, grad_output)` before backward goes through the module; its result replaces the tuple."""
        return RemovableHandle(self._backward_pre_hooks, hook, prepend)

    # --- its text

    def extra_repr(self) -> str:
        """What stands between the brackets of the module's text."""
        return ""

    def _get_name(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        extra = self.extra_repr().split("\n") if self.extra_repr() else []
        children = [f"({name}): {_indented(repr(module))}" for name, module in self._modules.items()]
        lines = extra + children
        if not lines:
            return f"{self._get_name()}()"
        if not children and len(extra) == 1:
            return f"{self._get_name()}({extra[0]})"
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
