"""The modules that a program can import: `facades(modules)` shows of each what its `__all__` lists, and no more."""

import types
from collections.abc import Mapping
from typing import Any

from gradb.scenario.program.attributes import DENIED
from gradb.scenario.program.kinds import Facade, facade
from gradb.scenario.program.sizes import bounded


def members_of(module: Any) -> dict[str, Any]:
    """The public members of a module, or of a mapping that stands for one."""
    if isinstance(module, Mapping):
        return {str(name): value for name, value in module.items()}
    if isinstance(module, types.SimpleNamespace):
        return dict(vars(module))
    return {name: getattr(module, name) for name in getattr(module, "__all__", ()) if hasattr(module, name)}


def facades(modules: Mapping[str, Any], limit: int) -> dict[str, Facade]:
    """A Facade for each module and for the public modules in it, by their dotted paths.

    `limit` is the number of bytes that one new tensor may have.
    """
    found: dict[str, Facade] = {}
    for path in sorted(modules, key=lambda path: path.count("."), reverse=True):
        _add(path, modules[path], found, limit, frozenset())
    return found


def _add(path: str, module: Any, found: dict[str, Facade], limit: int, above: frozenset[int]) -> Facade:
    if path in found:
        return found[path]
    if isinstance(module, Facade):
        found[path] = module
        return module
    members: dict[str, Any] = {}
    for name, value in members_of(module).items():
        if name in DENIED or name.startswith("_"):
            continue
        inner = f"{path}.{name}"
        if isinstance(value, types.ModuleType | types.SimpleNamespace | Mapping | Facade):
            if id(value) not in above:
                members[name] = _add(inner, value, found, limit, above | {id(module)})
        else:
            members[name] = bounded(path, name, value, limit)
    for inner in [inner for inner in found if inner.rpartition(".")[0] == path]:
        members.setdefault(inner.rpartition(".")[2], found[inner])
    found[path] = facade(path, members)
    return found[path]
