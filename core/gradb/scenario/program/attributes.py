"""Which attributes a program may read, by the type of the object: `AttributeTable` finds them on first use.

A type is closed (it has just these names), open (every public name: classes of the program and the classes that torch
makes public) or unknown, which has none.
"""

import types
from collections.abc import Iterator
from typing import Any

import numpy as np

from gradb.autograd.context import FunctionCtx
from gradb.autograd.hooks import RemovableHandle
from gradb.autograd.node import Node
from gradb.autograd.tensor import Tensor
from gradb.random import Generator
from gradb.scenario.program.kinds import Facade
from gradb.scenario.program.private import taken_names
from gradb.scenario.program.sizes import VIEWS
from gradb.scenario.program.words import is_private, names_of

# Names that torch's classes have or may come to have, and that reach memory, files, other processes or attributes by
# their spelling.
DENIED = names_of("""
    storage untyped_storage storage_type data_ptr set_ map_ map2_ apply_ share_memory share_memory_ pin_memory
    record_stream tofile tobytes dump dumps save load from_file compile to_mkldnn resize_ as_subclass
    get_submodule set_submodule get_parameter get_buffer get_extra_state set_extra_state with_traceback add_note
""")
UNDERSCORED = frozenset({"_version", "_sequence_nr"})

_ARRAY = "shape ndim size dtype T tolist item nbytes itemsize"
_NAMES: dict[type, str] = {
    str: """capitalize casefold count find index isalnum isalpha isascii isdecimal isdigit isidentifier islower
        isnumeric isprintable isspace istitle isupper lower partition removeprefix removesuffix split splitlines
        swapcase title upper""",
    int: "bit_length real imag numerator denominator conjugate",
    float: "is_integer real imag conjugate as_integer_ratio",
    list: "append clear copy insert pop reverse",
    tuple: "",
    dict: "clear copy items keys popitem values",
    set: "clear copy pop",
    frozenset: "copy",
    range: "start stop step index count",
    slice: "start stop step indices",
    property: "",
    np.ndarray: _ARRAY,
    np.generic: _ARRAY,
    np.dtype: "name itemsize kind",
    Node: "name next_functions metadata register_hook register_prehook variable",
    RemovableHandle: "remove",
    Generator: "manual_seed initial_seed seed device",
    BaseException: "args",
}
_CLOSED = {kind: names_of(names) for kind, names in _NAMES.items()}
_ENGINES = {FunctionCtx: names_of("keep release")}  # public methods of open types that the engine calls, not programs
STORED_ON_TENSORS = frozenset({"grad", "data", "requires_grad"})


class AttributeTable(dict[type, Any]):
    """The names that may be read at once from objects of a type. An open type's set grows as names are used.

    `public`: the classes that the program can reach in torch's modules. `own`: the classes of the program itself.
    """

    def __init__(self, public: frozenset[type]) -> None:
        super().__init__()
        self.public = public
        self.own: set[type] = set()

    def __missing__(self, kind: type) -> Any:
        self[kind] = self._names(kind)
        return self[kind]

    def is_open(self, kind: type) -> bool:
        """Whether objects of the type have every public name."""
        if issubclass(kind, Tensor | Node | BaseException | tuple | Generator) or kind is object:
            return kind in self.own
        return kind in self.own or not self.public.isdisjoint(kind.__mro__)

    def has_name(self, kind: type, name: str) -> bool:
        """Whether objects of an open type may have the name. The program's own classes may use the denied ones too."""
        if name in DENIED:
            return kind in self.own and not any(hasattr(base, name) for base in kind.__mro__ if base not in self.own)
        if not name.startswith("_"):
            return name not in _ENGINES.get(kind, ())
        return kind in self.own and is_private(name) and not any(name in taken for taken in self._taken(kind))

    def _taken(self, kind: type) -> Iterator[frozenset[str]]:
        for base in kind.__mro__:
            if base not in self.own:
                yield taken_names(base)

    def _names(self, kind: type) -> Any:
        if issubclass(kind, type):
            return frozenset()  # classes have a rule of their own
        if issubclass(kind, Facade):
            return kind.names
        if issubclass(kind, Tensor):
            public = frozenset([name for name in dir(kind) if not name.startswith("_")])
            return public - DENIED - VIEWS | {"_version", "grad_fn"}
        for base in kind.__mro__:
            if base in _CLOSED:
                names = _CLOSED[base]
                return names | _fields(kind) if base is tuple else names
        return set[str]()


def _fields(kind: type) -> frozenset[str]:
    """The fields of a named tuple, and what a torch.Size knows."""
    fields: Any = getattr(kind, "_fields", ())
    return frozenset([f for f in fields if not f.startswith("_")]) | ({"numel"} if hasattr(kind, "numel") else set())


FUNCTIONS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)
