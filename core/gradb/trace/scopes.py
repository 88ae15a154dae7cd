"""Which module is called now, by its path: `Scopes` is told of each call's begin and end, and of modules' variables."""

import weakref
from typing import Any

Held = tuple["weakref.ref[Any]", str]


class Scopes:
    """Modules are known by their identity, and none is kept alive.

    A module that is part of the one that calls it has a path below it, such as `model.layers.0`, also where what is
    between them, as a ModuleList, is not called itself. Any other module begins a path of its own.
    """

    __slots__ = ("_calls", "_names", "_paths")

    def __init__(self) -> None:
        self._calls: list[tuple[Any, str]] = []  # the modules that are being called, with their paths
        self._names: dict[int, Held] = {}  # by a module's id: the variable that held it first
        self._paths: dict[tuple[str, int], Held] = {}  # by the path of the call around and a module's id

    def name(self, module: Any, name: str) -> None:
        """A variable holds the module. The first one names it."""
        known = self._names.get(id(module))
        if known is None or known[0]() is not module:
            self._names[id(module)] = (weakref.ref(module), name)

    def knows(self, module: Any) -> bool:
        """Whether the module is called from another, or a variable named it."""
        known = self._names.get(id(module))
        return bool(self._calls) or (known is not None and known[0]() is module)

    def begin(self, module: Any) -> str:
        """A call of a module begins; returns its path."""
        around = self._calls[-1][1] if self._calls else ""
        known = self._paths.get((around, id(module)))
        if known is not None and known[0]() is module:
            path = known[1]
        else:
            path = self._path(module)
            if self._calls or id(module) in self._names:  # a later variable may still name one that nobody called
                self._paths[around, id(module)] = (weakref.ref(module), path)
        self._calls.append((module, path))
        return path

    def end(self) -> str:
        """The innermost call ended; returns the path of the one around it, empty where there is none."""
        self._calls.pop()
        return self._calls[-1][1] if self._calls else ""

    def _path(self, module: Any) -> str:
        for caller, path in reversed(self._calls):
            inner = _path_in(caller, module)
            if inner:
                return f"{path}.{inner}"
        known = self._names.get(id(module))
        return known[1] if known is not None and known[0]() is module else type(module).__name__


def _path_in(caller: Any, module: Any) -> str:
    """Where a module is among those of another, empty where it is not there. The nearest place counts."""
    waiting: list[tuple[str, Any]] = [("", caller)]
    seen = {id(caller)}
    for prefix, one in waiting:
        for name, child in vars(one).get("_modules", {}).items():
            if child is module:
                return f"{prefix}{name}"
            if child is not None and id(child) not in seen:
                seen.add(id(child))
                waiting.append((f"{prefix}{name}.", child))
    return ""
