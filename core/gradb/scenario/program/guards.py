"""What guarded code calls at run time: reading and writing attributes, imports, base classes (`Guards.namespace()`)."""

import types
from collections.abc import Callable, Mapping
from typing import Any

from gradb.autograd.context import FunctionCtx
from gradb.autograd.mode import inference_mode, no_grad, set_grad_enabled
from gradb.autograd.node import Node
from gradb.autograd.tensor import Tensor
from gradb.ops.dtypes import device
from gradb.random import Generator
from gradb.scenario.near import did_you_mean, near_miss
from gradb.scenario.program import hidden
from gradb.scenario.program.attributes import (
    FUNCTIONS,
    STORED_ON_TENSORS,
    UNDERSCORED,
    AttributeTable,
)
from gradb.scenario.program.kinds import CHAINABLE, PLAIN_TYPES, Facade, Kind, function_only, kind, real
from gradb.scenario.program.limits import refuse
from gradb.scenario.program.overrides import override
from gradb.scenario.program.words import DEFINABLE, INHERITED, MADE_BY_PYTHON, SAVED, listed

# The objects of these are shared, are made by the engine alone, or switch its modes.
_NO_BASES = (Tensor, tuple, Generator, device, FunctionCtx, no_grad, set_grad_enabled, inference_mode)


class Guards:
    """The guards of one run. `modules` maps what can be imported to what the program then gets."""

    def __init__(self, modules: Mapping[str, Facade]) -> None:
        self.modules = modules
        self.subclassable = classes_in(modules)
        self.table = AttributeTable(self.subclassable | named_only(modules))
        self.type = Kind(type, self.type_of)
        self.load = loader(self.table, self._load_rarely)

    def namespace(self) -> dict[str, Any]:
        """The guards under the hidden names that guarded code calls them by."""
        return {
            hidden.LOAD: self.load,
            hidden.STORE: self.store,
            hidden.IMPORT: self.imported,
            hidden.BASE: self.base,
            hidden.CLASS: self.made,
            hidden.ERROR: real,
        }

    # --- attributes

    def _load_rarely(self, value: Any, name: str) -> Any:
        """Reads an attribute that is not in the table (yet), or refuses it."""
        if name == "__class__":
            return self.type_of(value)
        if isinstance(value, Kind):
            value = value.real
        if isinstance(value, type):
            if self._may_read_from_class(value, name):
                found = getattr(value, name)
                is_method = isinstance(found, types.FunctionType) and value not in self.table.own
                return Unbound(value, found) if is_method else found
            raise self._refused(value, name, f"the class {value.__name__!r}")
        kind_ = type(value)
        if name == "__name__" and isinstance(value, FUNCTIONS):
            return value.__name__
        bounded = override(value, name)
        if bounded is not None:
            return bounded
        if self.table.is_open(kind_) and self.table.has_name(kind_, name):
            found = getattr(value, name)
            self.table[kind_] = {*self.table[kind_], name}
            return found
        if kind_ is super and (not name.startswith("__") or name in INHERITED):
            return self._load_inherited(value, name)
        if isinstance(value, Node) and (name.startswith(SAVED) or name in UNDERSCORED):
            return getattr(value, name)
        raise self._refused(value, name, f"a {kind_.__name__!r} object" if kind_ is not Facade else repr(value))

    def _load_inherited(self, value: Any, name: str) -> Any:
        of = value.__self_class__
        named = self.table.is_open(of) and not issubclass(of, BaseException) and self.table.has_name(of, name)
        if not named and name not in INHERITED:
            raise self._refused(value, name, "a base class")
        return getattr(value, name)

    def _may_read_from_class(self, owner: type, name: str) -> bool:
        if name == "__name__":
            return True
        if hasattr(type, name) and name != "__init__":
            return False
        if name == "__init__":
            return owner is object or owner in self.table.own or self._is_base(owner)
        if self.table.is_open(owner):
            return self.table.has_name(owner, name)
        return name in self.table[owner]

    def _refused(self, value: Any, name: str, what: str) -> BaseException:
        if isinstance(value, Facade):
            near = did_you_mean(near_miss(name, value.names))
            return refuse(f"{value!r} has no {name!r} for programs", listed(value.names), near)
        if not hasattr(value, name):
            return AttributeError(f"{type(value).__name__!r} object has no attribute {name!r}")
        names = self.table[type(value)]
        return refuse(f"{name!r} of {what} is not for programs", listed(names), did_you_mean(near_miss(name, names)))

    def store(self, value: Any, name: str) -> Any:
        """The object itself where the program may set this attribute of it."""
        kind_ = type(value)
        if isinstance(value, type):
            if value in self.table.own and self.table.has_name(value, name):
                return value
        elif isinstance(value, Tensor):
            if name in STORED_ON_TENSORS:
                return value
        elif self.table.has_name(kind_, name) and (kind_ in self.table.own or self._keeps(value, name)):
            return value
        raise refuse(
            f"{name!r} of a {kind_.__name__!r} object cannot be set by programs",
            "attributes of the program's own classes and of modules; grad, data and requires_grad of tensors",
        )

    def _keeps(self, value: Any, name: str) -> bool:
        """Whether it is one of torch's objects on which programs keep what is theirs: a module, a Function's `ctx`."""
        if isinstance(value, FunctionCtx):
            return not hasattr(FunctionCtx, name)
        return self.table.is_open(type(value)) and hasattr(type(value), "named_parameters")

    # --- imports and classes

    def imported(self, path: str) -> Facade:
        """The module that an import statement names; the static check knows that it is there."""
        return self.modules[path]

    def base(self, base: Any) -> Any:
        """The base class of a class statement, where programs may derive from it."""
        if isinstance(base, type) and (
            base is object
            or base in self.table.own
            or self._is_base(base)
            or (issubclass(base, Exception) and base.__module__ == "builtins" and not issubclass(base, CHAINABLE))
        ):
            return base
        shown = base.real.__name__ if isinstance(base, Kind) else getattr(base, "__name__", type(base).__name__)
        raise refuse(
            f"a class cannot be derived from {shown!r} here",
            "classes of the program, nn.Module and its like, autograd.Function, Dataset, exceptions",
        )

    def _is_base(self, kind_: type) -> bool:
        """Whether the class is one of torch's that programs may derive from."""
        return kind_ in self.subclassable and not issubclass(kind_, _NO_BASES)

    def made(self, made: type) -> type:
        """Registers a class of the program."""
        if "__exit__" in made.__dict__:
            made.__exit__ = _exit(made.__dict__["__exit__"])  # type: ignore[attr-defined]  # the class has one: the line above asks
        self.table.own.add(made)
        self.table[made] = set[str]()
        for name in vars(made):
            if name.startswith("_") and name not in MADE_BY_PYTHON | DEFINABLE and not self.table.has_name(made, name):
                raise refuse(f"the name {name!r} in the class {made.__name__!r} is one of torch's own", fix="rename it")
        made.__array_ufunc__ = None  # type: ignore[attr-defined]  # numpy makes no arrays of these objects
        return made

    def type_of(self, value: Any) -> Any:
        """`type(value)`: the type, or a Kind that names it."""
        of = type(value)
        if of in PLAIN_TYPES or of in self.table.own or of in self.subclassable:
            return of
        if issubclass(of, Exception) and not issubclass(of, CHAINABLE):
            return of
        if of is type:
            return self.type
        return kind(types.ModuleType if issubclass(of, Facade) else of)


def classes_in(modules: Mapping[str, Facade]) -> frozenset[type]:
    """All classes that torch's modules make public."""
    found: set[type] = set()
    for module in modules.values():
        found.update([member for member in vars(module).values() if isinstance(member, type)])
    return frozenset(found) - {object}


def named_only(modules: Mapping[str, Facade]) -> frozenset[type]:
    """The classes of gradb of which a program has the objects, but which it cannot call."""
    found = [member.real for module in modules.values() for member in vars(module).values() if isinstance(member, Kind)]
    return frozenset([real for real in found if real.__module__.startswith("gradb.")])


def loader(table: AttributeTable, rarely: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """Reads an attribute: at once where the table has its name, by `rarely` where it has not."""

    def load(value: Any, name: str) -> Any:
        if name in table[type(value)]:
            return getattr(value, name)
        return rarely(value, name)

    return load


class Unbound:
    """A method read from one of torch's classes: it takes an object of that class and no other that looks like it."""

    __slots__ = ("function", "owner")

    def __init__(self, owner: type, function: Callable[..., Any]) -> None:
        self.owner = owner
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if args and not isinstance(args[0], self.owner):
            raise TypeError(f"a {self.owner.__name__!r} comes first here, not a {type(args[0]).__name__!r}")
        return self.function(*args, **kwargs)


def _exit(leave: Any) -> Callable[..., Any]:
    """The program's `__exit__`, which gets no traceback and cannot swallow a Stop."""
    function_only(leave)

    def __exit__(self: Any, kind_: Any, error: Any, trace: Any) -> bool:
        if error is not None and not isinstance(error, Exception):
            return False
        return bool(leave(self, kind_, error, None))

    return __exit__
