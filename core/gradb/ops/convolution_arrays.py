"""Convolution of arrays as matrix products: the result, and its gradients for the input and for the weight.

For each sample the windows of the input are copied into the columns of a matrix (`_columns`), and the weight, one row
for each output channel, is multiplied by it. Samples are taken a few at a time, so that the columns stay in the cache.
"""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from gradb.ops.windows import Sizes, inside, output_size, padded, places, windows

_FLOATS_AT_ONCE = 1 << 18
_MOST_FLOATS = 1 << 28  # in the columns of one sample


class Layout(NamedTuple):
    """How the windows of a convolution lie; one number per dim."""

    stride: Sizes
    padding: Sizes
    dilation: Sizes
    groups: int

    def counts(self, size: Sizes, kernel: Sizes) -> Sizes:
        """The size of the result."""
        numbers = zip(size, kernel, self.stride, self.padding, self.dilation, strict=True)
        return tuple([output_size(*each) for each in numbers])


def _parts(samples: int, floats_each: int) -> Iterator[slice]:
    step = max(_FLOATS_AT_ONCE // max(floats_each, 1), 1)
    for start in range(0, samples, step):
        yield slice(start, start + step)


def _columns(part: Any, kernel: Sizes, layout: Layout, count: Sizes) -> Any:
    """The windows of some padded samples as (n, groups, channels of a group times kernel, positions)."""
    view = windows(part, kernel, layout.stride, layout.dilation, count)
    if view.size > _MOST_FLOATS:  # numpy would not copy some of them, and multiply for ever
        raise MemoryError(f"unable to allocate the {view.size:,} columns of a convolution")
    return view.reshape(part.shape[0], layout.groups, -1, math.prod(count))


def convolved(input: Any, weight: Any, layout: Layout) -> Any:
    """(n, in, *size) and (out, in / groups, *kernel) give (n, out, *count)."""
    kernel = weight.shape[2:]
    count = layout.counts(input.shape[2:], kernel)
    samples, channels = input.shape[0], weight.shape[0]
    rows = weight.reshape(layout.groups, channels // layout.groups, -1)
    result = np.empty((samples, layout.groups, rows.shape[1], math.prod(count)), input.dtype)
    whole = padded(input, layout.padding, layout.padding)
    for part in _parts(samples, input.shape[1] * math.prod(kernel) * math.prod(count)):
        np.matmul(rows, _columns(whole[part], kernel, layout, count), out=result[part])
    return result.reshape(samples, channels, *count)


def input_gradient(grad: Any, weight: Any, shape: tuple[int, ...], layout: Layout) -> Any:
    """The gradient for an input of `shape`: what each window gets is added up where windows overlap."""
    kernel, count = weight.shape[2:], grad.shape[2:]
    columns = weight.reshape(layout.groups, weight.shape[0] // layout.groups, -1).swapaxes(1, 2)
    sizes = [n + 2 * p for n, p in zip(shape[2:], layout.padding, strict=True)]
    whole = np.zeros((*shape[:2], *sizes), grad.dtype)
    rows = grad.reshape(shape[0], layout.groups, weight.shape[0] // layout.groups, math.prod(count))
    for part in _parts(shape[0], shape[1] * math.prod(kernel) * math.prod(count)):
        pieces = np.matmul(columns, rows[part]).reshape(-1, shape[1], *kernel, *count)
        target = whole[part]
        for place, where in places(kernel, layout.stride, layout.dilation, count):
            target[where] += pieces[(slice(None), slice(None), *place)]
    return whole if not any(layout.padding) else whole[inside(2, layout.padding, shape[2:])].copy()


def weight_gradient(grad: Any, input: Any, shape: tuple[int, ...], layout: Layout) -> Any:
    """The gradient for a weight of `shape`, summed over samples and positions."""
    kernel, count = shape[2:], grad.shape[2:]
    total = np.zeros((layout.groups, shape[0] // layout.groups, shape[1] * math.prod(kernel)), grad.dtype)
    rows = grad.reshape(grad.shape[0], layout.groups, shape[0] // layout.groups, math.prod(count))
    whole = padded(input, layout.padding, layout.padding)
    for part in _parts(input.shape[0], input.shape[1] * math.prod(kernel) * math.prod(count)):
        columns = _columns(whole[part], kernel, layout, count).swapaxes(2, 3)
        total += np.add.reduce(np.matmul(rows[part], columns), 0)
    return total.reshape(shape)
