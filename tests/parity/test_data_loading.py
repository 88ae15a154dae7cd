"""Loaders, samplers, splits and clips beside torch's: the same batches in the same order, the same numbers."""

from collections import OrderedDict
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tolerance import assert_close  # noqa: E402

SEEDS = (0, 1, 7, 100, 2**40 + 3)


class Pair(NamedTuple):
    """A tuple whose fields have names."""

    x: int
    y: float


def plain(value: Any) -> Any:
    """Tensors as their dtype and nested lists, so that what two engines gave can be compared."""
    if hasattr(value, "requires_grad"):
        return str(value.dtype), value.tolist()
    if isinstance(value, dict):
        return type(value).__name__, {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value).__name__, [plain(item) for item in value]
    return value


def dataset(engine: Any, count: int) -> Any:
    return engine.utils.data.TensorDataset(
        engine.arange(count * 2, dtype=engine.float32).reshape(count, 2), engine.arange(count)
    )


LOADERS: dict[str, Callable[[Any, Any, int], Any]] = {
    "in order": lambda T, d, n: d.DataLoader(dataset(T, n), batch_size=3),
    "shuffled": lambda T, d, n: d.DataLoader(dataset(T, n), batch_size=3, shuffle=True),
    "drop_last": lambda T, d, n: d.DataLoader(dataset(T, n), batch_size=4, shuffle=True, drop_last=True),
    "one by one": lambda T, d, n: d.DataLoader(dataset(T, n), shuffle=True),
    "without batches": lambda T, d, n: d.DataLoader(dataset(T, n), batch_size=None, shuffle=True),
    "generator": lambda T, d, n: d.DataLoader(
        dataset(T, n), batch_size=2, shuffle=True, generator=T.Generator().manual_seed(n)
    ),
    "subset": lambda T, d, n: d.DataLoader(d.Subset(dataset(T, n), [4, 0, 2, 1, 1]), batch_size=2, shuffle=True),
    "concat": lambda T, d, n: d.DataLoader(dataset(T, n) + dataset(T, 2), batch_size=3, shuffle=True),
    "list": lambda T, d, n: d.DataLoader([(i, i / 2) for i in range(n)], batch_size=3, shuffle=True),
    "replacement": lambda T, d, n: d.DataLoader(
        dataset(T, n), batch_size=8, sampler=d.RandomSampler(range(n), replacement=True, num_samples=70)
    ),
    "more than all": lambda T, d, n: d.DataLoader(
        dataset(T, n), batch_size=4, sampler=d.RandomSampler(range(n), num_samples=2 * n + 1)
    ),
    "subset sampler": lambda T, d, n: d.DataLoader(dataset(T, n), 2, sampler=d.SubsetRandomSampler([5, 3, 0])),
    "batch sampler": lambda T, d, n: d.DataLoader(
        dataset(T, n), batch_sampler=d.BatchSampler(d.RandomSampler(range(n)), 4, False)
    ),
    "lists of indices": lambda T, d, n: d.DataLoader(dataset(T, n), batch_sampler=[[0, 2], [1]]),
    "collate": lambda T, d, n: d.DataLoader(dataset(T, n), 3, collate_fn=lambda items: [y for _, y in items]),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", LOADERS)
def test_two_epochs_give_torchs_batches_and_leave_the_stream_where_torch_does(name: str, seed: int) -> None:
    passes: list[Any] = []
    for engine in (torch, gradb.dialect):
        engine.manual_seed(seed)
        loader = LOADERS[name](engine, engine.utils.data, 10)
        epochs = [[plain(batch) for batch in loader] for _ in range(2)]
        half = iter(loader)  # a pass that is begun draws already
        first = plain(next(half))
        passes.append((epochs, first, len(loader), engine.rand(3).tolist()))
    assert passes[1] == passes[0]


def test_an_iterable_data_set_is_cut_into_torchs_batches() -> None:
    passes: list[Any] = []
    for engine in (torch, gradb.dialect):
        data = engine.utils.data

        class Counting(data.IterableDataset):
            def __iter__(self) -> Any:
                return iter(range(7))

            def __len__(self) -> int:
                return 7

        engine.manual_seed(4)
        found: list[Any] = []
        for options in ({"batch_size": 3}, {"batch_size": 3, "drop_last": True}, {"batch_size": None}):
            loader = data.DataLoader(Counting(), **options)
            found.append((len(loader), [plain(batch) for batch in loader]))
        found.append([plain(batch) for batch in data.DataLoader(Counting() + Counting(), batch_size=4)])
        passes.append((found, engine.rand(1).tolist()))
    assert passes[1] == passes[0]


BATCHES: dict[str, Callable[[Any], list[Any]]] = {
    "numbers": lambda T: [1, 2, 3],
    "floats": lambda T: [1.0, 2.5],
    "bools": lambda T: [True, False],
    "texts": lambda T: ["a", "b"],
    "tuples": lambda T: [(T.ones(2), 1), (T.zeros(2), 2)],
    "lists": lambda T: [[1, 2.0], [3, 4.0]],
    "dicts": lambda T: [{"x": T.ones(1), "y": "a"}, {"x": T.zeros(1), "y": "b"}],
    "ordered": lambda T: [OrderedDict(x=1), OrderedDict(x=2)],
    "named": lambda T: [Pair(1, 2.0), Pair(3, 4.0)],
    "arrays": lambda T: [np.ones(2), np.zeros(2)],
    "numpy's numbers": lambda T: [np.float32(1), np.float32(2)],
    "nested": lambda T: [(1, {"a": [2, 3.0]}), (4, {"a": [5, 6.0]})],
    "ragged": lambda T: [[1], [1, 2]],
    "shapes differ": lambda T: [T.ones(1), T.ones(2)],
    "objects": lambda T: [object()],
    "none": lambda T: [None],
    "numpy's texts": lambda T: [np.array(["a"])],
}


@pytest.mark.parametrize("name", BATCHES)
def test_items_become_torchs_batch(name: str) -> None:
    found: list[Any] = []
    for engine in (torch, gradb.dialect):
        try:
            found.append(plain(engine.utils.data.default_collate(BATCHES[name](engine))))
        except Exception as error:
            found.append(type(error))
    assert found[1] == found[0]


@pytest.mark.parametrize("lengths", [[7, 3], [0.5, 0.3, 0.2], [0.33, 0.33, 0.34], [10], [0.99, 0.01], [1, 9]])
def test_a_split_has_torchs_parts(lengths: list[Any]) -> None:
    parts: list[Any] = []
    for engine in (torch, gradb.dialect):
        engine.manual_seed(2)
        split = engine.utils.data.random_split
        with pytest.warns(UserWarning, match="empty") if 0.01 in lengths else nullcontext():
            mine = split(range(10), lengths)
            others = split(range(10), lengths, generator=engine.Generator().manual_seed(42))
        parts.append([list(part.indices) for part in (*mine, *others)])
    assert parts[1] == parts[0]


MISTAKES = [
    "d.random_split(range(10), [3, 3])",
    "d.random_split(range(10), [1.5, -0.5])",
    "d.TensorDataset(T.ones(2), T.ones(3))",
    "d.ConcatDataset([])",
    "d.ConcatDataset([range(3)])[-9]",
    "d.ConcatDataset([range(3)])[9]",
    "d.Dataset()[0]",
    "d.DataLoader(range(3), batch_size=0)",
    "d.DataLoader(range(3), batch_size=2.0)",
    "d.DataLoader(range(3), drop_last=1)",
    "d.DataLoader(range(3), num_workers=-1)",
    "d.DataLoader(range(3), timeout=-1)",
    "d.DataLoader(range(3), prefetch_factor=2)",
    "d.DataLoader(range(3), persistent_workers=True)",
    "d.DataLoader(range(3), shuffle=True, sampler=[1])",
    "d.DataLoader(range(3), batch_sampler=[[1]], batch_size=2)",
    "d.DataLoader(range(3), batch_size=None, drop_last=True)",
    "d.DataLoader([], shuffle=True)",
    "d.DataLoader(d.IterableDataset(), shuffle=True)",
    "d.DataLoader(d.IterableDataset(), sampler=[1])",
    "iter(d.DataLoader(d.IterableDataset()))",
    "setattr(d.DataLoader(range(3)), 'batch_size', 2)",
    "list(d.DataLoader(range(3), sampler=[7]))",
    "list(d.DataLoader(d.Dataset()))",
    "len(d.DataLoader(d.IterableDataset()))",
    "d.RandomSampler(range(3), replacement=1)",
    "d.RandomSampler(range(3), num_samples=0)",
    "nn.utils.clip_grad_norm_([w], 1.0, error_if_nonfinite=True)",
    "nn.utils.vector_to_parameters([1.0], [w])",
]


@pytest.mark.parametrize("expression", MISTAKES)
def test_a_mistake_raises_torchs_class(expression: str) -> None:
    raised: list[type[BaseException] | None] = []
    for engine in (torch, gradb.dialect):
        w = engine.ones(1, requires_grad=True)
        w.grad = engine.tensor([float("inf")])
        try:
            eval(expression, {"T": engine, "d": engine.utils.data, "nn": engine.nn, "w": w})
            raised.append(None)
        except Exception as error:
            raised.append(type(error))
    assert raised[1] is raised[0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, 0.0, float("inf"), float("-inf")])
@pytest.mark.parametrize("max_norm", [0.5, 1e3, 0.0])
def test_a_clipped_norm_leaves_torchs_gradients(max_norm: float, norm_type: float, dtype: str) -> None:
    results: list[Any] = []
    for engine in (torch, gradb.dialect):
        options = {"dtype": getattr(engine, dtype), "requires_grad": True}
        tensors = [engine.zeros(shape, **options) for shape in ((), (3,), (4, 5))]
        random = np.random.default_rng(5)
        for tensor in tensors[:-1]:
            tensor.grad = engine.from_numpy(np.asarray(random.normal(size=tuple(tensor.shape)), dtype))
        total = engine.nn.utils.clip_grad_norm_(tensors, max_norm, norm_type)
        results.append([total.numpy(), *[tensor.grad.numpy() for tensor in tensors[:-1]]])
    for found, expected in zip(results[1], results[0], strict=True):
        assert_close(found, expected, 16)


def test_clipped_values_vectors_and_odd_gradients_are_torchs() -> None:
    results: list[Any] = []
    for engine in (torch, gradb.dialect):
        utils = engine.nn.utils
        w, v = engine.ones(2, 2, requires_grad=True), engine.ones(3, requires_grad=True)
        w.grad = engine.tensor([[1.0, -3.0], [0.25, float("nan")]])
        before = w.grad
        utils.clip_grad_value_([w, v], 0.5)
        found = [w.grad.tolist()[0], w.grad is before, v.grad, w.grad._version]
        w.grad = engine.tensor([[1.0, -3.0], [0.25, float("inf")]])
        found += [utils.clip_grad_norm_(w, 1.0).item(), str(w.grad.tolist()), w.grad._version]
        found += [utils.clip_grad_norm_([], 1.0).item(), utils.clip_grad_norm_([v], 1.0).item()]
        vector = utils.parameters_to_vector([w, v])
        found += [vector.tolist(), type(vector.grad_fn).__name__]
        utils.vector_to_parameters(engine.arange(7.0), [w, v])
        found += [w.tolist(), v.tolist(), w.is_leaf, w.requires_grad]
        with pytest.warns(UserWarning, match="empty generator"):
            utils.clip_grad_norm_((p for p in ()), 1.0)
        results.append(found)
    assert results[1] == results[0]
