"""The engine. To programs `torch.autograd` is `gradb.autograd.facade`, whose names are found here too."""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    if not name.startswith("_"):
        facade = import_module("gradb.autograd.facade")
        if name in facade.__all__:
            return getattr(facade, name)
    raise AttributeError(f"module 'gradb.autograd' has no attribute {name!r}")
