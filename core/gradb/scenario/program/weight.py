"""Containers that hold the same container many times over: printing, comparing or hashing one could take for ever.

`weigh(value)` refuses what is too heavy for such a walk, which runs in C code that nothing can interrupt.
"""

import types
from collections.abc import Callable, Iterable
from typing import Any

from gradb.scenario.program.limits import check_length, refuse

MAX_WEIGHT = 1_000_000  # elements, counted as often as a walk meets them
MAX_DEPTH = 500

VIEWS = (type({}.keys()), type({}.values()), type({}.items()))
CONTAINERS = (list, tuple, dict, set, frozenset, *VIEWS, slice, BaseException, types.GenericAlias, types.UnionType)


def weigh(value: Any) -> None:
    """Refuses a container whose walk would take too long, and passes everything else."""
    if not isinstance(value, CONTAINERS):
        return
    level: list[Any] = [value]
    weight = length = depth = 0
    while level:
        depth += 1
        below: list[Any] = []
        for container in level:
            items = _items(container)
            weight += len(items)
            inner = [item for item in items if isinstance(item, CONTAINERS)]
            length += sum([len(item) for item in items if isinstance(item, str)])
            below.extend(inner)
            if depth > MAX_DEPTH or (weight > MAX_WEIGHT and (inner or depth > 1)):
                raise refuse(
                    "a list holds lists that hold lists ... and too many in all",
                    f"{MAX_WEIGHT:,} elements, a depth of {MAX_DEPTH}",
                )
        check_length(length)
        level = below


def _items(container: Any) -> Any:
    if isinstance(container, dict):
        return [*container, *container.values()]
    if isinstance(container, slice):
        return (container.start, container.stop, container.step)
    if isinstance(container, BaseException):
        return container.args
    if isinstance(container, types.GenericAlias | types.UnionType):
        return container.__args__
    return list(container) if isinstance(container, VIEWS) else container


def weighed(value: Any) -> Any:
    """The operand of a comparison, or a key that is going to be hashed."""
    if isinstance(value, CONTAINERS):
        weigh(value)
    return value


def keys_weighed(values: Iterable[Any]) -> list[Any]:
    """The elements of an iterable, which are going to be hashed."""
    return [weighed(value) for value in values]


def weighing(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with its arguments weighed before."""

    def weighing(*values: Any, **kwargs: Any) -> Any:
        for value in values:
            weigh(value)
        return function(*values, **kwargs)

    return weighing


def ordering(function: Callable[..., Any]) -> Callable[..., Any]:
    """`sorted`, `max` or `min`, with all that it compares weighed before: elements, and what `key` gives for them."""

    def ordering(*values: Any, key: Callable[[Any], Any] | None = None, **kwargs: Any) -> Any:
        if len(values) == 1 and not isinstance(values[0], CONTAINERS):
            values = (keys_weighed(values[0]),)
        for value in values:
            weigh(value)
        if key is None:
            return function(*values, **kwargs)
        return function(*values, key=lambda value: weighed(key(value)), **kwargs)

    return ordering
