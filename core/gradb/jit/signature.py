"""The arguments of a captured function: `Signature` takes the tensors out of a call, in the order of the example."""

from collections.abc import Callable, Iterator
from inspect import Parameter, signature
from typing import Any

from msgspec import Struct

from gradb.autograd.tensor import Tensor
from gradb.jit import complaints
from gradb.jit.graph import rebuilt


class Signature(Struct, frozen=True):
    """The name of a captured function, and its arguments by name as they were in the example."""

    function: str
    example: dict[str, Any]

    @property
    def _declared(self) -> str:
        return f"{self.function}({', '.join(self.example)})"

    def tensors(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Tensor]:
        """The tensors of a call. Raises RuntimeError where they are not as many, and of the kinds, of the example."""
        if len(args) > len(self.example):
            raise complaints.too_many_inputs(self._declared, len(self.example), len(args))
        given = {**dict(zip(self.example, args, strict=False)), **kwargs}
        for name in self.example:
            if name not in given:
                raise complaints.missing_input(name, self._declared)
        for name in given:
            if name not in self.example:
                raise complaints.unknown_input(name, self._declared)
        return [tensor for name, like in self.example.items() for tensor in _matched(name, like, given[name])]


def signature_of(function: Callable[..., Any], name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Signature:
    """The signature that example inputs give to a function. Raises RuntimeError for inputs that are no tensors."""
    names = [*_positional(function, len(args)), *kwargs]
    example = dict(zip(names, (*args, *kwargs.values()), strict=True))
    return Signature(name, {name: rebuilt(value, _described) for name, value in example.items()})


class _ATensor(Struct, frozen=True):
    """Stands for a tensor of any shape and dtype."""


_TENSOR = _ATensor()


def _described(value: Any) -> _ATensor:
    if not isinstance(value, Tensor):
        raise complaints.not_traceable(value)
    return _TENSOR


def _positional(function: Callable[..., Any], count: int) -> list[str]:
    """The names of the first parameters; `args_0` and so on where they have none."""
    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    plain = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
    names = [parameter.name for parameter in parameters if parameter.kind in plain][:count]
    return [*names, *[f"args_{i}" for i in range(count - len(names))]]


def _matched(name: str, like: Any, given: Any) -> Iterator[Tensor]:
    """The tensors of one argument, which must be as many as in the example; their shapes and dtypes are free."""
    if like is _TENSOR:
        if not isinstance(given, Tensor):
            raise complaints.other_structure(name, "a tensor", given)
        yield given
    elif isinstance(like, dict):
        if not isinstance(given, dict) or given.keys() != like.keys():
            raise complaints.other_structure(name, f"a dict with the keys {list(like)}", given)
        for key, part in like.items():
            yield from _matched(name, part, given[key])
    else:
        if type(given) is not type(like) or len(given) != len(like):
            raise complaints.other_structure(name, f"a {type(like).__name__} of {len(like)}", given)
        for part, item in zip(like, given, strict=True):
            yield from _matched(name, part, item)
