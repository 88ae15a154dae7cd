"""Optimizer steps on torch: `Optimizers(recorder).watching()` tells of what each step made of each parameter."""

import weakref
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from gradb.trace.events import Array
from gradb.verify.pytorch.recorder import TorchRecorder

Values = list[tuple[Any, Array]]


class Optimizers:
    """Watches torch's own optimizers; one that the program defines is seen by the ops that it runs."""

    def __init__(self, recorder: TorchRecorder) -> None:
        self.recorder = recorder
        self._known: list[weakref.ref[Any]] = []
        self._handles: list[Any] = []
        self._before: list[Values] = []  # of each step that runs: its parameters' values

    @contextmanager
    def watching(self) -> Generator[None]:
        """Inside, optimizers are watched."""
        module: Any = import_module("torch.optim.optimizer")
        self._handles.append(module.register_optimizer_step_pre_hook(self._meet))
        try:
            yield
        finally:
            for handle in self._handles:
                handle.remove()

    def _meet(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """Runs before the optimizer's own hooks: puts one after those, and one before those that end the step."""
        if any(ref() is optimizer for ref in self._known) or not _is_torchs(optimizer):
            return
        self._known.append(weakref.ref(optimizer))
        self._handles.append(optimizer.register_step_pre_hook(self._begin))
        after = optimizer.register_step_post_hook(self._end)
        optimizer._optimizer_step_post_hooks.move_to_end(after.id, last=False)
        self._handles.append(after)

    def _begin(self, optimizer: Any, args: Any, kwargs: Any) -> Any:
        recorder = self.recorder
        recorder.flush()
        recorder.silent += 1
        self._before.append(self._values(optimizer))
        closure = kwargs.get("closure") if len(args) < 2 else args[1]
        if closure is None:
            return None
        if len(args) < 2:
            return args, {**kwargs, "closure": self._heard(optimizer, closure)}
        return (args[0], self._heard(optimizer, closure), *args[2:]), kwargs

    def _heard(self, optimizer: Any, closure: Callable[[], Any]) -> Callable[[], Any]:
        """The closure, recorded although the step itself is not."""

        def heard() -> Any:
            recorder = self.recorder
            recorder.silent -= 1
            loss = closure()
            recorder.flush()
            recorder.silent += 1
            self._before[-1] = self._values(optimizer)
            return loss

        return heard

    def _values(self, optimizer: Any) -> Values:
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        with self.recorder.silence():
            return [(p, self.recorder.array(p)) for p in parameters if p.grad is not None]

    def _end(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        recorder = self.recorder
        recorder.silent -= 1
        for parameter, before in self._before.pop():
            recorder.updated(parameter, before, type(optimizer).__name__)


def _is_torchs(optimizer: Any) -> bool:
    return type(optimizer).step.__module__.startswith("torch.")
