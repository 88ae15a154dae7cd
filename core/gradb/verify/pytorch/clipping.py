"""Gradient clipping on torch: `watching_clips(recorder)` tells of each call of `torch.nn.utils.clip_grad_*_`."""

from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from gradb.verify.pytorch.patching import patched
from gradb.verify.pytorch.recorder import TorchRecorder


@contextmanager
def watching_clips(recorder: TorchRecorder) -> Generator[None]:
    """Inside, torch's functions that clip are these."""
    utils = recorder.torch.nn.utils
    names = ("clip_grad_norm_", "clip_grad_value_")
    functions = {name: _watched(recorder, name, getattr(utils, name)) for name in names}
    with ExitStack() as stack:
        for owner in (utils, utils.clip_grad):
            stack.enter_context(patched(owner, **functions))
        yield


def _watched(recorder: TorchRecorder, name: str, function: Any) -> Callable[..., Any]:
    @wraps(function)
    def watched(parameters: Any, *args: Any, **kwargs: Any) -> Any:
        tensors = [parameters] if recorder.is_tensor(parameters) else list(parameters)
        recorder.flush()
        with recorder.silence():
            leaves = [tensor for tensor in tensors if tensor.grad is not None]
            before = [recorder.array(leaf.grad) for leaf in leaves]
            result = function(tensors, *args, **kwargs)
        if not leaves:
            return result
        given = dict(zip(("limit", "norm_type"), args, strict=False))
        limit: Any = given.get("limit", kwargs.get("max_norm", kwargs.get("clip_value")))
        norm = None
        if name == "clip_grad_norm_":
            total = float(result)
            norm = (
                float(given.get("norm_type", kwargs.get("norm_type", 2.0))),
                total,
                min(limit / (total + 1e-6), 1.0),
            )
        recorder.clip(name, float(limit), norm, leaves, before)
        return result

    return watched
