"""Captured graphs on torch: `watching_traces(recorder)` tells of the one run of a function that is captured.

Torch itself runs the function more often, to check what it captured, and in ways that no recording survives. So the
function is run once for the recording, and then given to torch unseen.
"""

from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from gradb.verify.pytorch.patching import patched
from gradb.verify.pytorch.recorder import TorchRecorder


@contextmanager
def watching_traces(recorder: TorchRecorder) -> Generator[None]:
    """Inside, `torch.jit.trace` is told as the run of its function on the example inputs."""
    torch = recorder.torch
    capture = torch.jit.trace

    def trace(func: Any, example_inputs: Any = None, *args: Any, **kwargs: Any) -> Any:
        if recorder.silent:
            return capture(func, example_inputs, *args, **kwargs)
        inputs = example_inputs if isinstance(example_inputs, tuple | list) else (example_inputs,)
        if example_inputs is not None:
            with torch.random.fork_rng(devices=[]):
                func(*inputs)
        recorder.flush()
        with _unseen(recorder):
            return capture(func, example_inputs, *args, **kwargs)

    with patched(torch.jit, trace=trace):
        yield


@contextmanager
def _unseen(recorder: TorchRecorder) -> Generator[None]:
    """Inside, the modes of the recording are off, and neither variables nor printed texts are told."""
    unmoded: Any = import_module("torch.utils._python_dispatch")._disable_current_modes
    paused, recorder.paused = recorder.paused, True
    line, recorder.muted = recorder.line, True
    try:
        with recorder.silence(), recorder.torch._C.DisableTorchFunction(), unmoded():
            yield
    finally:
        recorder.paused, recorder.line, recorder.muted = paused, line, False
