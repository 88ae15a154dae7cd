"""How an op gets its names: `@torch_name("add")` puts a function under `torch.`, `@tensor_method("add", "__add__")`
makes it a method of tensors. Without names, the function's own name is taken."""

from collections.abc import Callable
from typing import Any, TypeVar

from gradb.autograd.tensor import Tensor

Function = TypeVar("Function", bound=Callable[..., Any])

torch_functions: dict[str, Callable[..., Any]] = {}
"""What the op families offer under `torch.`."""


def torch_name(*names: str) -> Callable[[Function], Function]:
    """Offers the function as `torch.<name>`."""

    def register(function: Function) -> Function:
        for name in names or (function.__name__,):
            torch_functions[name] = function
        return function

    return register


def tensor_method(*names: str) -> Callable[[Function], Function]:
    """Offers the function as a method of tensors."""

    def register(function: Function) -> Function:
        for name in names or (function.__name__,):
            setattr(Tensor, name, function)
        return function

    return register


def tensor_property(*names: str) -> Callable[[Function], Function]:
    """Offers the function as an attribute of tensors."""

    def register(function: Function) -> Function:
        for name in names or (function.__name__,):
            setattr(Tensor, name, property(function))
        return function

    return register
