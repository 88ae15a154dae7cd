"""What convolution and pooling share: sizes given as one number or several, sizes of results, padding, windows."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from gradb.ops.args import whole

Sizes = tuple[int, ...]


def each(op: str, name: str, value: Any, dims: int, empty: Sizes | None = None) -> Sizes:
    """One integer for each of `dims` dims from a number, or from a list of one or `dims` numbers.

    `empty` stands for None and for an empty list, where an op allows them. Raises RuntimeError for other lengths.
    """
    if (value is None or (isinstance(value, tuple | list) and not value)) and empty is not None:
        return empty
    if not isinstance(value, tuple | list):
        return (whole(value),) * dims
    found = tuple([whole(v) for v in value])
    if len(found) == 1:
        return found * dims
    if len(found) != dims:
        raise RuntimeError(f"{op}: {name} is one integer or {dims}, found {found}")
    return found


def output_size(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool = False) -> int:
    """How many windows there are along a dim. With `ceil_mode` the last may reach beyond the end, but starts inside."""
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    count = -(-room // stride) + 1 if ceil_mode else room // stride + 1
    return count - 1 if ceil_mode and (count - 1) * stride >= size + padding else count


def padded(x: Any, before: Sizes, after: Sizes, value: Any = 0) -> Any:
    """The array with `value` around its last dims; itself where nothing is to be added."""
    if not any(before) and not any(after):
        return x
    lead = x.ndim - len(before)
    sizes = [n + b + a for n, b, a in zip(x.shape[lead:], before, after, strict=True)]
    whole_array = np.full((*x.shape[:lead], *sizes), value, x.dtype)
    whole_array[inside(lead, before, x.shape[lead:])] = x
    return whole_array


def inside(lead: int, before: Sizes, sizes: Sizes) -> tuple[slice, ...]:
    """Where the unpadded array lies in the padded one."""
    return (*[slice(None)] * lead, *[slice(b, b + n) for b, n in zip(before, sizes, strict=True)])


def windows(x: Any, kernel: Sizes, stride: Sizes, dilation: Sizes, count: Sizes) -> Any:
    """A view (n, channels, *kernel, *count) of an array (n, channels, *size): no element is copied."""
    steps = x.strides[2:]
    strides = (
        *x.strides[:2],
        *[s * d for s, d in zip(steps, dilation, strict=True)],
        *[s * t for s, t in zip(steps, stride, strict=True)],
    )
    return as_strided(x, (*x.shape[:2], *kernel, *count), strides)


def places(kernel: Sizes, stride: Sizes, dilation: Sizes, count: Sizes) -> Iterator[tuple[Sizes, tuple[Any, ...]]]:
    """For each place in the kernel: the place, and the slice that all windows have there, one element of each."""
    for place in np.ndindex(*kernel):
        yield (
            place,
            (
                ...,
                *[
                    slice(at * d, at * d + s * (n - 1) + 1, s)
                    for at, s, d, n in zip(place, stride, dilation, count, strict=True)
                ],
            ),
        )
