"""Functions that a program defines, on torch: `watching_functions(recorder)` tells of each call as of one op."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from gradb.trace.events import Forward, OpInfo
from gradb.verify.pytorch.patching import patched
from gradb.verify.pytorch.recorder import TorchRecorder


@contextmanager
def watching_functions(recorder: TorchRecorder) -> Generator[None]:
    """Inside, what a Function does in its forward and backward is not told, but what it is given and gives is."""
    function = recorder.torch.autograd.Function
    apply: Any = function.__dict__["apply"]
    changed: list[tuple[Any, Any]] = []

    def applied(kind: Any, *args: Any, **kwargs: Any) -> Any:
        if recorder.silent:
            return apply.__func__(kind, *args, **kwargs)
        own = kind.__dict__.get("backward")
        if own is not None and not hasattr(kind.backward, "quiet"):
            changed.append((kind, own))
            kind.backward = staticmethod(_quiet(recorder, kind.backward))
        recorder.flush()
        inputs = tuple([recorder.operand(arg) for arg in args])
        with pause(recorder):
            result = apply.__func__(kind, *args, **kwargs)
        _tell(recorder, kind.__name__, inputs, result)
        return result

    try:
        with patched(function, apply=classmethod(applied)):
            yield
    finally:
        for kind, own in changed:
            kind.backward = own


def _tell(recorder: TorchRecorder, name: str, inputs: tuple[Any, ...], result: Any) -> None:
    outputs = [out for out in (result if isinstance(result, tuple) else (result,)) if recorder.is_tensor(out)]
    if not outputs:
        return
    with recorder.silence():
        made = next((out.grad_fn for out in outputs if out.grad_fn is not None), None)
        number = len(recorder.trace.events) + 1
        node = recorder.node(made, number) if made is not None and recorder.is_new(made) else None
        known = [recorder.known.state(out) for out in outputs]
        states = [
            recorder.new_state(out) if state is None else recorder.remember(out, state.id)
            for out, state in zip(outputs, known, strict=True)
        ]
        grad_mode = recorder.torch.is_grad_enabled()
    info = OpInfo(name, tuple([f"input {i}" for i in range(len(inputs))]), "", {})
    recorder.add(Forward(recorder.line, info, inputs, tuple(states), node, False, grad_mode, module=recorder.module))


def _quiet(recorder: TorchRecorder, backward: Callable[..., Any]) -> Any:
    """A backward whose ops and variables are not told, unless a graph of them is made."""

    @wraps(backward)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        if recorder.torch.is_grad_enabled():
            return backward(*args, **kwargs)
        with pause(recorder):
            return backward(*args, **kwargs)

    quiet.quiet = True  # type: ignore[attr-defined]  # functions take attributes
    return quiet


@contextmanager
def pause(recorder: TorchRecorder) -> Generator[None]:
    """Inside, neither what torch does nor which variables are assigned is told."""
    paused, recorder.paused = recorder.paused, True
    try:
        with recorder.silence():
            yield
    finally:
        recorder.paused = paused
