"""The engine. To programs `torch.autograd` is `gradb.autograd.facade`, whose names are found here too."""

from importlib import import_module
from typing import Any

# Named here, because asking the facade itself would load it while a module of the engine, which it needs, is loading.
_FACADE = frozenset(
    {
        "Function",
        "Variable",
        "backward",
        "detect_anomaly",
        "enable_grad",
        "grad",
        "gradcheck",
        "gradgradcheck",
        "inference_mode",
        "no_grad",
        "set_detect_anomaly",
        "set_grad_enabled",
    }
)


def __getattr__(name: str) -> Any:
    if name in _FACADE:
        return getattr(import_module("gradb.autograd.facade"), name)
    raise AttributeError(f"module 'gradb.autograd' has no attribute {name!r}")
