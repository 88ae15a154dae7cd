"""The order in which a loader takes items: SequentialSampler, RandomSampler and their like."""

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar

from gradb.random import Generator, default_generator

__all__ = ["BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "SubsetRandomSampler"]

Index = TypeVar("Index", covariant=True)
_DRAWN_AT_ONCE = 32


class Sampler(Generic[Index]):
    """Gives indices. A subclass defines `__iter__`, and `__len__` so that a loader knows how many there are."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} does not define __iter__")


class SequentialSampler(Sampler[int]):
    """0, 1, 2, ..."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """All indices in random order, or `num_samples` of them; with `replacement` each is drawn from all.

    Without a generator, one is seeded with a number from torch's own at the beginning of each pass.
    """

    def __init__(
        self, data_source: Sized, replacement: bool = False, num_samples: Any = None, generator: Any = None
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator: Generator | None = generator
        if type(replacement) is not bool:
            raise TypeError(f"replacement is True or False, found {replacement!r}")
        if not isinstance(self.num_samples, int) or self.num_samples <= 0:
            raise ValueError(f"num_samples is a whole number from 1, found {self.num_samples}")

    @property
    def num_samples(self) -> Any:
        """How many indices a pass gives."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        count, wanted = len(self.data_source), self.num_samples
        generator = self.generator or Generator().manual_seed(default_generator.random63())
        if self.replacement:
            for _ in range(wanted // _DRAWN_AT_ONCE):
                yield from generator.randint(0, count, (_DRAWN_AT_ONCE,)).tolist()
            yield from generator.randint(0, count, (wanted % _DRAWN_AT_ONCE,)).tolist()
            return
        for _ in range(wanted // count):
            yield from generator.randperm(count).tolist()
        yield from generator.randperm(count).tolist()[: wanted % count]

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices in random order."""

    def __init__(self, indices: Sequence[int], generator: Any = None) -> None:
        self.indices = indices
        self.generator: Generator | None = generator

    def __iter__(self) -> Iterator[int]:
        for i in (self.generator or default_generator).randperm(len(self.indices)).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


class BatchSampler(Sampler[list[int]]):
    """Lists of `batch_size` indices from another sampler; the last may be shorter unless `drop_last`."""

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        if type(batch_size) is not int or batch_size <= 0:
            raise ValueError(f"batch_size is a whole number from 1, found {batch_size!r}")
        if type(drop_last) is not bool:
            raise ValueError(f"drop_last is True or False, found {drop_last!r}")
        self.sampler: Any = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[Any]]:
        indices = iter(self.sampler)
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) < self.batch_size and self.drop_last:
                return
            yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)
