"""Values that were not kept: `ThinnedArray` has the shape, dtype and health of one, and no content."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradb.trace.events import EVENT_KINDS, Array, TensorState
from gradb.trace.health import Health


class ThinnedArray(np.ndarray[Any, Any]):
    """Stands for an array of which only the health was kept. Its elements are NaN, or 0 where there is no NaN.

    `health` is that of the array that was, `stored` its number in the file. What is computed of it has neither.
    """

    health: Health | None
    stored: int

    def __array_finalize__(self, obj: object) -> None:
        self.health = None
        self.stored = 0


def thinned(dtype: str, shape: tuple[int, ...], health: Health, stored: int) -> ThinnedArray:
    """An array that takes no memory for its elements."""
    kind = np.dtype(dtype)
    content = np.broadcast_to(np.array(np.nan if kind.kind in "fc" else 0).astype(kind), shape)
    array = content.view(ThinnedArray)
    array.health = health
    array.stored = stored
    return array


def is_thinned(array: Array | None) -> bool:
    """Whether only the health of an array is known."""
    return isinstance(array, ThinnedArray) and array.health is not None


def arrays_in(value: Any) -> Iterator[Array]:
    """The arrays of an event, or of a part of one."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from arrays_in(item)
    elif isinstance(value, TensorState):
        yield value.array
    elif isinstance(value, EVENT_KINDS):
        for name in value.__struct_fields__:  # type: ignore[attr-defined]  # events are Structs
            yield from arrays_in(getattr(value, name))
