"""Data sets: derive from Dataset and define `__getitem__` and `__len__`, or take a TensorDataset."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Generic, TypeVar

from gradb.autograd.tensor import Tensor

__all__ = ["ChainDataset", "ConcatDataset", "Dataset", "IterableDataset", "Subset", "TensorDataset"]

Item = TypeVar("Item", covariant=True)


class Dataset(Generic[Item]):
    """Items by number. A subclass defines `__getitem__`, and `__len__` so that a loader knows how many there are."""

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not define __getitem__")

    def __add__(self, other: "Dataset[Any]") -> "Dataset[Any]":
        return ConcatDataset([self, other])


class IterableDataset(Dataset[Item]):
    """Items one after the other. A subclass defines `__iter__`; TypeError without it."""

    def __new__(cls, *args: Any, **kwargs: Any) -> "IterableDataset[Any]":
        if cls.__iter__ is IterableDataset.__iter__:
            raise TypeError(f"{cls.__name__} does not define __iter__")
        return super().__new__(cls)

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Item i is a tuple with row i of every tensor. AssertionError where they have different numbers of rows."""

    def __init__(self, *tensors: Tensor) -> None:
        rows = [tensor._array.shape[0] for tensor in tensors]
        if rows != rows[:1] * len(rows):
            raise AssertionError(f"the tensors have different numbers of rows: {rows}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple([tensor[index] for tensor in self.tensors])

    def __len__(self) -> int:
        return self.tensors[0]._array.shape[0]


class ConcatDataset(Dataset[Item]):
    """Several data sets, one after the other. AssertionError where there is none or one cannot be indexed."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise AssertionError("ConcatDataset takes at least one data set")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise AssertionError("ConcatDataset cannot index an IterableDataset; ChainDataset takes those")
        self.cumulative_sizes = list(accumulate(map(len, self.datasets)))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> Any:
        if index < 0:
            if -index > len(self):
                raise ValueError(f"there are {len(self)} items, found index {index}")
            index += len(self)
        which = bisect_right(self.cumulative_sizes, index)
        return self.datasets[which][index - (self.cumulative_sizes[which - 1] if which else 0)]


class ChainDataset(IterableDataset[Item]):
    """Several iterable data sets, one after the other. AssertionError, in use, where one is not iterable."""

    def __init__(self, datasets: Iterable[Any]) -> None:
        self.datasets = datasets

    def __iter__(self) -> Iterator[Any]:
        for dataset in self.datasets:
            yield from _iterable(dataset)

    def __len__(self) -> int:
        return sum([len(_iterable(dataset)) for dataset in self.datasets])


def _iterable(dataset: Any) -> Any:
    if not isinstance(dataset, IterableDataset):
        raise AssertionError(f"ChainDataset takes IterableDatasets, found {type(dataset).__name__}")
    return dataset


class Subset(Dataset[Item]):
    """The items of a data set at the given indices."""

    def __init__(self, dataset: Any, indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices
        kind = type(self)
        if kind.__getitem__ is not Subset.__getitem__ and kind.__getitems__ is Subset.__getitems__:
            raise NotImplementedError(f"{kind.__name__} overrides __getitem__ and must override __getitems__ as well")

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: list[int]) -> list[Any]:
        """Several items at once."""
        return items(self.dataset, [self.indices[i] for i in indices])

    def __len__(self) -> int:
        return len(self.indices)


def items(dataset: Any, indices: list[Any]) -> list[Any]:
    """Several items of a data set, by its `__getitems__` where it has that."""
    together: Any = getattr(dataset, "__getitems__", None)
    if callable(together):
        found: Any = together(indices)
        return found
    return [dataset[index] for index in indices]
