"""The guards of a program that runs on torch: it reads of an object what it could read of gradb's own object."""

from collections.abc import Callable, Mapping
from typing import Any

from gradb.autograd.context import FunctionCtx
from gradb.autograd.hooks import RemovableHandle
from gradb.autograd.node import Node
from gradb.autograd.tensor import Tensor
from gradb.ops.dtypes import device, dtype
from gradb.random import Generator
from gradb.scenario.program.attributes import STORED_ON_TENSORS, UNDERSCORED, AttributeTable
from gradb.scenario.program.guards import _NO_BASES, Guards, loader
from gradb.scenario.program.kinds import Facade
from gradb.scenario.program.sizes import VIEWS, check_views
from gradb.scenario.program.words import SAVED

_PUT_BY_TORCH = frozenset({"_backward_cls"})  # on classes of the program
_OF_CTX = frozenset({"needs_input_grad"})  # what an object of gradb has, and in torch the class


class TorchTable(AttributeTable):
    """Finds which attributes an object of torch has for programs. `twins`: by torch's class gradb's class."""

    def __init__(self, public: frozenset[type], twins: Mapping[type, type], torch: Any) -> None:
        super().__init__(public | frozenset(twins.values()))
        self.twins = {
            **twins,
            torch.Tensor: Tensor,
            torch.Generator: Generator,
            torch.device: device,
            torch.dtype: dtype,
            torch.utils.hooks.RemovableHandle: RemovableHandle,
            torch.autograd.function.FunctionCtx: FunctionCtx,
        }
        self._node: Any = torch.autograd.graph.Node
        self.taking = False  # whether a class of the program is being looked at

    def twin(self, kind: type) -> type | None:
        """gradb's class for a class of torch's, or for one that is derived from it."""
        for base in kind.__mro__:
            if base in self.twins:
                return self.twins[base]
        return Node if issubclass(kind, self._node) else None

    def is_open(self, kind: type) -> bool:
        if kind in self.own:
            return True
        twin = self.twin(kind)
        if twin is not None:
            return super().is_open(twin)
        return not _is_torchs(kind) and super().is_open(kind)

    def has_name(self, kind: type, name: str) -> bool:
        """What a class of torch has, its twin must have too; what the program puts on an object is free."""
        if name in _PUT_BY_TORCH:
            return self.taking and kind in self.own
        if not super().has_name(kind, name):
            return False
        for base in kind.__mro__:
            if base not in self.own and base is not object and hasattr(base, name):
                twin = self.twin(base)
                if twin is FunctionCtx:  # to torch, the ctx of a Function is its node
                    return hasattr(twin, name) or name in _OF_CTX or name in super()._names(Node)
                return hasattr(twin, name) if twin is not None else not _is_torchs(base)
        return True

    def _names(self, kind: type) -> Any:
        twin = None if issubclass(kind, type | Facade) else self.twin(kind)
        if twin is not None:
            return super()._names(twin)
        names = super()._names(kind)
        if issubclass(kind, tuple) and _is_torchs(kind):
            fields: Any = getattr(kind, "__match_args__", ())
            names = names | frozenset(fields)
        return names


class TorchGuards(Guards):
    """Guards that know torch's classes by gradb's."""

    def __init__(self, modules: Mapping[str, Facade], twins: Mapping[type, type], torch: Any) -> None:
        super().__init__(modules)
        self.table = self._twins = TorchTable(self.subclassable, twins, torch)
        self.load: Callable[[Any, str], Any] = loader(self.table, self._load_rarely)
        self._tensor: Any = torch.Tensor
        self._node: Any = torch.autograd.graph.Node
        self._ctx: Any = torch.autograd.function.FunctionCtx

    def _load_rarely(self, value: Any, name: str) -> Any:
        if isinstance(value, self._tensor) and name in VIEWS:
            return Viewing(getattr(value, name))
        if isinstance(value, self._node) and (name.startswith(SAVED) or name in UNDERSCORED):
            return getattr(value, name)
        return super()._load_rarely(value, name)

    def store(self, value: Any, name: str) -> Any:
        if isinstance(value, self._tensor) and name in STORED_ON_TENSORS:
            return value
        return super().store(value, name)

    def _keeps(self, value: Any, name: str) -> bool:
        if isinstance(value, self._ctx):
            return not hasattr(type(value), name)
        return super()._keeps(value, name)

    def made(self, made: type) -> type:
        self._twins.taking = True
        try:
            return super().made(made)
        finally:
            self._twins.taking = False

    def _is_base(self, kind_: type) -> bool:
        twin = self._twins.twins.get(kind_)
        return super()._is_base(kind_) and twin is not None and not issubclass(twin, _NO_BASES)


class Viewing:
    """A method that gives a view, which may stand for more elements than fit in memory."""

    __slots__ = ("method",)

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return check_views(self.method(*args, **kwargs))


def _is_torchs(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "torch"
