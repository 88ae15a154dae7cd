"""Calls of modules on torch: `watching_modules(recorder)` tells where each begins and ends."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from gradb.verify.pytorch.patching import patched
from gradb.verify.pytorch.recorder import TorchRecorder


@contextmanager
def watching_modules(recorder: TorchRecorder) -> Generator[None]:
    """Inside, ops know in which module's call they run.

    Torch's global hooks run before the module's own forward hooks, which belong to the call too.
    """
    module = recorder.torch.nn.Module
    call = module.__call__

    @wraps(call)
    def called(self: Any, *args: Any, **kwargs: Any) -> Any:
        if recorder.silent:
            return call(self, *args, **kwargs)
        recorder.flush()
        recorder.call_begins(self)
        try:
            return call(self, *args, **kwargs)
        finally:
            recorder.flush()
            recorder.call_ends()

    with patched(module, __call__=called):
        yield
