"""Checks of gradients on torch: inside `leaving_out_checks(recorder)`, `gradcheck` runs and nothing of it is told."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from gradb.verify.pytorch.functions import pause
from gradb.verify.pytorch.patching import patched
from gradb.verify.pytorch.recorder import TorchRecorder


@contextmanager
def leaving_out_checks(recorder: TorchRecorder) -> Generator[None]:
    """Inside, torch's functions that check gradients are not told, as on gradb."""
    autograd = recorder.torch.autograd
    names = ("gradcheck", "gradgradcheck")
    with patched(autograd, **{name: _untold(recorder, getattr(autograd, name)) for name in names}):
        yield


def _untold(recorder: TorchRecorder, function: Any) -> Callable[..., Any]:
    @wraps(function)
    def untold(*args: Any, **kwargs: Any) -> Any:
        recorder.flush()
        with pause(recorder):
            return function(*args, **kwargs)

    return untold
