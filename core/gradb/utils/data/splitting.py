"""Splitting a data set at random: `random_split(dataset, [0.8, 0.2])`."""

import math
import warnings
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from gradb.random import Generator, default_generator
from gradb.utils.data.dataset import Subset


def random_split(
    dataset: Any, lengths: Sequence[float], generator: Generator | None = default_generator
) -> list[Subset[Any]]:
    """Parts of the given lengths, or of the given fractions of 1, without an item in common.

    What the fractions leave over goes to the parts in turn. Raises ValueError where the lengths do not add up.
    """
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        lengths = _by_fractions(len(dataset), lengths)
    if sum(lengths) != len(dataset):
        raise ValueError(f"the lengths add up to {sum(lengths)}, the data set has {len(dataset)} items")
    order = (generator or default_generator).randperm(len(dataset)).tolist()
    ends = list(accumulate(int(length) for length in lengths))
    return [Subset(dataset, order[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def _by_fractions(count: int, fractions: Sequence[float]) -> list[int]:
    for i, fraction in enumerate(fractions):
        if not 0 <= fraction <= 1:
            raise ValueError(f"fraction {i} is not between 0 and 1: {fraction}")
    lengths = [math.floor(count * fraction) for fraction in fractions]
    for i in range(count - sum(lengths)):
        lengths[i % len(lengths)] += 1
    for i, length in enumerate(lengths):
        if length == 0:
            warnings.warn(f"part {i} of the split is empty", UserWarning, stacklevel=3)
    return lengths
