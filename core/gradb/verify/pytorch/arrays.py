"""numpy for a program on torch: its functions take torch's tensors as they take gradb's (`numpy_for_torch`)."""

from typing import Any

from gradb.scenario.program.arrays import numpy_facade
from gradb.scenario.program.kinds import Facade, Kind, facade


def numpy_for_torch(limit: int, torch: Any) -> Facade:
    """The module as a program sees it."""
    members = {name: _taking(member, torch.Tensor) for name, member in _members(numpy_facade(limit)).items()}
    return facade("numpy", members)


def _members(module: Facade) -> dict[str, Any]:
    return {name: getattr(module, name) for name in module.names}


def _taking(member: Any, tensor: Any) -> Any:
    if isinstance(member, Facade):
        return facade("numpy.random", {name: _taking(inner, tensor) for name, inner in _members(member).items()})
    if not callable(member) or isinstance(member, Kind):
        return member

    def call(*args: Any, **kwargs: Any) -> Any:
        plain = {name: _plain(value, tensor) for name, value in kwargs.items()}
        return member(*[_plain(arg, tensor) for arg in args], **plain)

    return call


def _plain(value: Any, tensor: Any) -> Any:
    """A tensor as its array; torch itself refuses one that requires grad."""
    if isinstance(value, tensor):
        return value.numpy()
    if type(value) in (list, tuple) and any(isinstance(item, tensor) for item in value):
        return type(value)([_plain(item, tensor) for item in value])
    return value
