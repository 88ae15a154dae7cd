"""The private attributes that a class of the program must not have, because the engine uses them (`taken_names`).

A program may write `self._hidden`. Were it to write `self._storage`, the engine would take its object for a tensor.
"""

import types
from collections.abc import Iterator
from functools import cache
from typing import Any

from gradb.autograd.tensor import Tensor


@cache
def taken_names(base: type) -> frozenset[str]:
    """The private names that tensors have, and those that the methods of `base` use: as attributes or as texts."""
    names = {*dir(Tensor), *dir(base)}
    for owner in base.__mro__:
        for member in list(vars(owner).values()):
            for code in _codes(member):
                names.update(_names(code))
    return frozenset([name for name in names if name.startswith("_")])


def _codes(member: Any) -> Iterator[types.CodeType]:
    if isinstance(member, types.FunctionType):
        yield member.__code__
    elif isinstance(member, property):
        for function in (member.fget, member.fset, member.fdel):
            yield from _codes(function)
    elif isinstance(member, staticmethod | classmethod):
        yield from _codes(member.__func__)


def _names(code: types.CodeType) -> Iterator[str]:
    """The names that a code uses, and its texts, which getattr may use."""
    yield from code.co_names
    waiting: list[Any] = list(code.co_consts)
    while waiting:
        constant = waiting.pop()
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            waiting.extend(constant)
        elif isinstance(constant, types.CodeType):
            yield from _names(constant)
