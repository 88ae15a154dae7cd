"""Calls of torch's functions, methods and properties: `Calls(recorder, backward).mode()` sees what is more than an op.

Most calls pass through. What makes a leaf, switches `requires_grad`, sets `.grad` or `.data`, or begins a backward is
told to the recorder here.
"""

from collections.abc import Callable
from typing import Any

from gradb.trace.events import Forward, OpInfo
from gradb.verify.pytorch.backward import Backward
from gradb.verify.pytorch.recorder import TorchRecorder

_FACTORIES = """
    tensor as_tensor zeros ones full arange range linspace logspace eye rand randn randint randperm zeros_like ones_like
    full_like rand_like randn_like randint_like new_zeros new_ones new_full new_tensor normal tril_indices triu_indices
"""
_DATA = OpInfo("data", ("self", "value"), "value", {})
_EMPTY = "empty empty_like new_empty empty_strided"


class Calls:
    """What the recording does at each call."""

    def __init__(self, recorder: TorchRecorder, backward: Backward) -> None:
        self.recorder = recorder
        self.backward = backward
        torch = recorder.torch
        tensor = torch.Tensor
        self.handlers: dict[Any, Callable[..., Any]] = {
            tensor.grad.__set__: self._set_grad,
            tensor.grad.__delete__: self._delete_grad,
            tensor.data.__set__: self._set_data,
            tensor.requires_grad.__set__: self._set_requires_grad,
            tensor.requires_grad_: self._requires_grad_,
            tensor.backward: self._backward,
            torch.autograd.backward: self.backward.backward,
            torch.autograd.grad: self.backward.grad,
            tensor.retain_grad: self._retain_grad,
            tensor.register_post_accumulate_grad_hook: self._register_post_accumulate,
        }
        for owner in (torch, tensor):
            for name in _FACTORIES.split():
                if hasattr(owner, name):
                    self.handlers[getattr(owner, name)] = self._made(name, False)
            for name in _EMPTY.split():
                if hasattr(owner, name):
                    self.handlers[getattr(owner, name)] = self._made(name, True)

    def mode(self) -> Any:
        """The mode in which calls are seen, to be entered with `with`."""
        from importlib import import_module

        base: Any = import_module("torch.overrides").TorchFunctionMode
        run = self.run

        class Seen(base):
            """Passes each call on to `Calls.run`."""

            def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
                return run(func, args, kwargs or {})

        return Seen()

    def run(self, function: Any, args: Any, kwargs: Any) -> Any:
        """Runs a call, by its handler where it has one."""
        recorder = self.recorder
        if recorder.silent:
            return function(*args, **kwargs)
        recorder.calling = function.__name__
        handler = self.handlers.get(function)
        result = function(*args, **kwargs) if handler is None else handler(function, *args, **kwargs)
        recorder.flush()
        return result

    def _made(self, name: str, empty: bool) -> Callable[..., Any]:
        recorder = self.recorder

        def made(function: Any, *args: Any, **kwargs: Any) -> Any:
            recorder.flush()
            with recorder.silence():
                result = function(*args, **kwargs)
                if empty:  # memory that nobody wrote may hold anything: let it hold what it holds in gradb
                    result.data.zero_()
            if recorder.known.state(result) is None:
                recorder.introduce(result, name)
            return result

        return made

    def _set_grad(self, function: Any, tensor: Any, grad: Any) -> None:
        recorder = self.recorder
        recorder.flush()
        with recorder.silence():
            old = tensor.grad
            before = None if old is None else recorder.array(old)
            function(tensor, grad)
        if old is not grad:
            recorder.zero_grad(tensor, before, grad)

    def _delete_grad(self, _: Any, tensor: Any) -> None:
        self._set_grad(self.recorder.torch.Tensor.grad.__set__, tensor, None)

    def _set_data(self, function: Any, tensor: Any, content: Any) -> None:
        if content is tensor:  # as `module.to(device)` does with what is there already
            return
        recorder = self.recorder
        old, given, before = recorder.operand(tensor), recorder.operand(content), recorder.array(tensor)
        with recorder.silence():
            function(tensor, content)
            leaf = tensor.requires_grad and tensor.grad_fn is None
            grad_mode = recorder.torch.is_grad_enabled()
        if leaf:
            recorder.updated(tensor, before, "data")
        else:
            states = (recorder.state(tensor),)
            recorder.add(
                Forward(recorder.line, _DATA, (old, given), states, None, True, grad_mode, module=recorder.module)
            )

    def _set_requires_grad(self, function: Any, tensor: Any, wanted: bool) -> None:
        recorder = self.recorder
        recorder.operand(tensor)
        with recorder.silence():
            before = tensor.requires_grad
            function(tensor, wanted)
            changed = tensor.requires_grad != before
        if changed:
            recorder.requires_grad(tensor)

    def _requires_grad_(self, function: Any, tensor: Any, requires_grad: bool = True) -> Any:
        self._set_requires_grad(function, tensor, requires_grad)
        return tensor

    def _backward(self, _: Any, tensor: Any, gradient: Any = None, *args: Any, **kwargs: Any) -> None:
        self.backward.backward(self.recorder.torch.autograd.backward, tensor, gradient, *args, **kwargs)

    def _retain_grad(self, function: Any, tensor: Any) -> None:
        function(tensor)
        self.backward.retain(tensor)

    def _register_post_accumulate(self, function: Any, tensor: Any, hook: Any) -> Any:
        if tensor.requires_grad and tensor.is_leaf:
            self.backward.watch_leaf(tensor)  # before the program's own hooks
        return function(tensor, hook)
