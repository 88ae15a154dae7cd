"""Making one batch of many items: `default_collate([(x0, y0), (x1, y1)])` gives `[stacked x, stacked y]`."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradb.autograd.tensor import Tensor
from gradb.ops.creation import as_tensor, tensor
from gradb.ops.dtypes import float64
from gradb.ops.joining import stack


def default_collate(batch: Sequence[Any]) -> Any:
    """Stacks tensors and arrays, makes tensors of numbers, and goes into tuples, lists and dicts; texts stay a list.

    Raises TypeError for items of another kind, RuntimeError where items have different lengths.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(list(batch), 0)
    if isinstance(first, np.ndarray):
        _check_numeric(first)
        return stack([as_tensor(array) for array in batch], 0)
    if isinstance(first, np.generic):
        _check_numeric(first)
        return as_tensor(np.array(batch))
    if isinstance(first, float):
        return tensor(list(batch), dtype=float64)
    if isinstance(first, int):
        return tensor(list(batch))
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return _like(first, {key: default_collate([item[key] for item in batch]) for key in first})
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*[default_collate(samples) for samples in zip(*batch, strict=False)])
    if isinstance(first, Sequence):
        if any(len(item) != len(first) for item in batch):
            raise RuntimeError("the items of a batch must have equal lengths; pass a collate_fn that knows what to do")
        return [default_collate(samples) for samples in zip(*batch, strict=False)]
    raise TypeError(
        f"a batch is made of tensors, numpy arrays, numbers, tuples, lists and dicts, found {type(first).__name__}; "
        "pass a collate_fn for anything else"
    )


def default_convert(data: Any) -> Any:
    """Makes tensors of numpy's arrays and numbers, wherever they stand; the rest stays as it is."""
    if isinstance(data, np.ndarray | np.generic):
        return as_tensor(data) if data.dtype.kind in "biuf" else data
    if isinstance(data, Mapping):
        return _like(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple):
        return _tuple_of(data, default_convert)
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return [default_convert(value) for value in data]
    return data


def _check_numeric(value: Any) -> None:
    if value.dtype.kind not in "biuf":
        raise TypeError(f"a batch is made of numbers, found numpy's {value.dtype.name}")


def _like(first: Mapping[Any, Any], content: dict[Any, Any]) -> Any:
    """The content in a mapping of the first one's kind, where that can be copied and changed."""
    if type(first) is dict or not hasattr(first, "update"):
        return content
    made: Any = copy.copy(first)
    made.update(content)
    return made


def _tuple_of(data: tuple[Any, ...], convert: Callable[[Any], Any]) -> Any:
    if hasattr(data, "_fields"):
        return type(data)(*[convert(value) for value in data])
    return [convert(value) for value in data]
