"""DataLoader: goes through a data set in batches, `for x, y in DataLoader(dataset, batch_size=4, shuffle=True)`."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from gradb.autograd.mode import mode
from gradb.autograd.tensor import Tensor
from gradb.autograd.unrecorded import unrecorded
from gradb.random import Generator, default_generator
from gradb.utils.data.collate import default_collate, default_convert
from gradb.utils.data.dataset import IterableDataset, items
from gradb.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler

Item = TypeVar("Item", covariant=True)
_FIXED = frozenset({"batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"})


class DataLoader(Generic[Item]):
    """Batches of a data set, in torch's order. Each pass begins anew, and with `shuffle` in another order.

    What a data set and `collate_fn` do inside is not recorded: a batch comes to be as tensors that "DataLoader" made.
    `num_workers` is accepted, but everything is loaded in this process, which gives the same batches. Raises
    ValueError for options that exclude each other.
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        self.dataset = dataset
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.in_order = in_order
        self._is_iterable = isinstance(dataset, IterableDataset)
        if self._is_iterable:
            if shuffle or sampler is not None or batch_sampler is not None:
                raise ValueError("an IterableDataset has an order of its own: leave out shuffle and samplers")
            if num_workers > 1:
                raise ValueError("an IterableDataset gives its items once per worker: use one worker or none")
        if sampler is not None and shuffle:
            raise ValueError("give a sampler or shuffle, not both")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError("a batch_sampler replaces batch_size, shuffle, sampler and drop_last")
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("batch_size=None makes no batches: leave out drop_last")
        if sampler is None:
            if self._is_iterable:
                sampler = _Forever()
            else:
                sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler: Any = sampler
        self.batch_sampler: Any = batch_sampler
        self.generator = generator
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self.persistent_workers = persistent_workers
        self._made = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _FIXED and "_made" in self.__dict__:
            raise ValueError(f"{name} of a DataLoader cannot be changed; make another one")
        object.__setattr__(self, name, value)

    def _indices(self) -> Any:
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def __iter__(self) -> Iterator[Any]:
        return _Pass(self)

    def __len__(self) -> int:
        """How many batches a pass has; TypeError where the data set or the sampler has no length."""
        if not self._is_iterable:
            return len(self._indices())
        length = len(self.dataset)
        if self.batch_size is None:
            return length
        whole, rest = divmod(length, self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)


class _Pass:
    """One pass. It draws a base seed, as torch does for its workers, before a sampler draws its own."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._loader = loader
        self._order = iter(loader._indices())
        (loader.generator or default_generator).random63()
        self._items = iter(loader.dataset) if loader._is_iterable else None

    def __iter__(self) -> "_Pass":
        return self

    def __len__(self) -> int:
        return len(self._loader._indices())

    def __next__(self) -> Any:
        with unrecorded():
            batch = self._loader.collate_fn(self._fetched(next(self._order)))
        if mode.recorder is not None:
            _mark(batch, mode.recorder.token)
        return batch

    def _fetched(self, index: Any) -> Any:
        loader = self._loader
        if self._items is None:
            return loader.dataset[index] if loader.batch_sampler is None else items(loader.dataset, index)
        if loader.batch_sampler is None:
            return next(self._items)
        found = list(itertools.islice(self._items, len(index)))
        if not found or (loader.drop_last and len(found) < len(index)):
            raise StopIteration
        return found


class _Forever:
    """The sampler of an IterableDataset, whose items have no indices."""

    def __iter__(self) -> Iterator[None]:
        return itertools.repeat(None)


def get_worker_info() -> None:
    """None: there are no workers."""
    return


def _mark(batch: Any, token: object) -> None:
    """Notes on the new tensors of a batch where they come from."""
    if isinstance(batch, Tensor):
        if batch._run is not token:
            batch._origin = "DataLoader"
    elif isinstance(batch, dict):
        for value in batch.values():
            _mark(value, token)
    elif isinstance(batch, list | tuple):
        for value in batch:
            _mark(value, token)


def _check_workers(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool, context: Any
) -> None:
    if num_workers < 0 or timeout < 0:
        raise ValueError("num_workers and timeout cannot be negative")
    if prefetch_factor is not None and (num_workers == 0 or prefetch_factor < 0):
        raise ValueError("prefetch_factor is for num_workers > 0 and cannot be negative")
    if num_workers == 0 and (persistent_workers or context is not None):
        raise ValueError("persistent_workers and multiprocessing_context are for num_workers > 0")
