"""What stands for something a program must not have: a `Kind` for a type, a `Facade` for a module."""

import types
from collections.abc import Callable, Mapping
from typing import Any

PLAIN_TYPES = (int, float, bool, list, tuple, object)
CHAINABLE = (AttributeError, ImportError, NameError)  # an endless chain of these exhausts the stack when it is freed


class Kind:
    """Stands for a type: it can be compared, printed, asked for its name, used in isinstance, and perhaps called."""

    __slots__ = ("make", "real")

    def __init__(self, real: type, make: Callable[..., Any] | None = None) -> None:
        self.real = real
        self.make = make

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.make is None:
            raise TypeError(f"a program cannot create a {self.real.__name__!r} itself")
        return self.make(*args, **kwargs)

    def __repr__(self) -> str:
        return repr(self.real)


_kinds: dict[type, Kind] = {}


def kind(real: type, make: Callable[..., Any] | None = None) -> Kind:
    """The one Kind of a type."""
    found = _kinds.get(real)
    if found is None:
        found = _kinds[real] = Kind(real)
    if make is not None:
        found.make = make
    return found


def real(info: Any) -> Any:
    """The type, or the tuple of types, that isinstance, `except` or `raise` is to use."""
    if isinstance(info, Kind):
        return info.real
    if type(info) is tuple:
        return tuple([real(item) for item in info])
    return info


def function_only(value: Any) -> Any:
    """What a property or a static method is made of: a function, so that no endless chain of them can be built."""
    if value is not None and not isinstance(value, types.FunctionType):
        raise TypeError(f"a function of the program belongs here, not {type(value).__name__!r}")
    return value


class Facade:
    """A module as a program sees it: an object with the allowed `names` and nothing else."""

    names: frozenset[str] = frozenset()

    def __init__(self, path: str, members: Mapping[str, Any]) -> None:
        self.__dict__.update(members)
        self.__path = path

    def __repr__(self) -> str:
        return f"<module {self.__path!r}>"


def facade(path: str, members: Mapping[str, Any]) -> Facade:
    """A Facade of a class of its own, so that guards know its names by its type."""
    kind = type("module", (Facade,), {"names": frozenset(members)})
    return kind(path, members)
