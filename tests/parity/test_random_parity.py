"""gradb's random numbers are torch's on the CPU: the same bits, or for blocks of normals the same to seven digits."""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradb
import numpy as np
import pytest
from gradb.random import Generator
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

SEEDS = [*range(48), 2**32 + 5, -3]
SIZES = [0, 1, 2, 15, 16, 17, 31, 32, 33, 100]
FLOATS = ["float16", "float32", "float64"]

DrawHere = Callable[[Generator, int], NDArray[Any]]
DrawInTorch = Callable[[int], Any]


def made_by_intel() -> bool:
    cpu_info = Path("/proc/cpuinfo")
    return "Intel" in (cpu_info.read_text() if cpu_info.exists() else platform.processor())


not_on_intel = pytest.mark.skipif(
    made_by_intel(), reason="torch draws Bernoulli numbers from MKL on Intel's processors"
)


def empty(size: int, dtype: str) -> Any:
    return torch.empty(size, dtype=getattr(torch, dtype))


def compare(here: DrawHere, in_torch: DrawInTorch, *, rtol: float = 0.0, atol: float = 0.0) -> None:
    """Both draw every size from every seed, and then stand at the same place of the stream."""
    for seed in SEEDS:
        generator = Generator().manual_seed(seed)
        torch.manual_seed(seed)
        for size in SIZES:
            values, expected = here(generator, size), in_torch(size).numpy()
            np.testing.assert_allclose(values, expected, rtol=rtol, atol=atol, strict=True)
            assert generator.random63() == torch.empty((), dtype=torch.int64).random_().item()


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "bounds", [(0.0, 1.0), (-1.0, 1.0), (-0.3, 0.7), (2.0, 7.5), (0.1, 0.2), (1e3, 1001.0), (5, 5)]
)
def test_uniform_numbers_are_torchs(dtype: str, bounds: tuple[float, float]) -> None:
    compare(lambda g, size: g.uniform((size,), dtype, *bounds), lambda size: empty(size, dtype).uniform_(*bounds))


@pytest.mark.parametrize(("mean", "std"), [(0.0, 1.0), (0.3, 0.02), (-7.0, 2.7), (1.5, 0.0)])
@pytest.mark.parametrize(("dtype", "epsilon"), [("float16", 2e-3), ("float32", 1e-6), ("float64", 1e-14)])
def test_normal_numbers_are_torchs(dtype: str, epsilon: float, mean: float, std: float) -> None:
    def here(generator: Generator, size: int) -> NDArray[Any]:
        return generator.normal((size,), dtype, mean, std)

    compare(here, lambda size: empty(size, dtype).normal_(mean, std), rtol=epsilon, atol=epsilon * std)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("size", [1, 2, 3, 15])
def test_few_normals_are_torchs_bit_for_bit(dtype: str, size: int) -> None:
    def here(generator: Generator, _: int) -> NDArray[Any]:
        return generator.normal((size,), dtype, 0.3, 0.02)

    compare(here, lambda _: empty(size, dtype).normal_(0.3, 0.02))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_normals_with_tensors_for_mean_and_std_are_scaled_standard_normals(dtype: str) -> None:
    def here(generator: Generator, size: int) -> NDArray[Any]:
        mean, std = np.linspace(-1, 1, size, dtype=dtype), np.linspace(0, 2, size, dtype=dtype)
        return generator.normal((size,), dtype) * std + mean

    def in_torch(size: int) -> Any:
        mean, std = np.linspace(-1, 1, size, dtype=dtype), np.linspace(0, 2, size, dtype=dtype)
        return torch.normal(torch.from_numpy(mean), torch.from_numpy(std))

    compare(here, in_torch, rtol=1e-6, atol=2e-6)


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (0, 2, "bool"),
        (-3, 9, "int8"),
        (0, 10, "int64"),
        (-5, 7, "float32"),
        (0, 2**28 - 1, "int64"),
        (0, 2**28, "int32"),
        (-(2**40), 2**41, "int64"),
        (-(2**63), 2**63 - 1, "int64"),
    ],
)
def test_whole_numbers_are_torchs(low: int, high: int, dtype: str) -> None:
    torch_dtype = getattr(torch, dtype)
    compare(
        lambda g, size: g.randint(low, high, (size,), dtype),
        lambda size: torch.randint(low, high, (size,), dtype=torch_dtype),
    )


def test_permutations_are_torchs() -> None:
    compare(lambda g, size: g.randperm(size), lambda size: torch.randperm(size))


@not_on_intel
@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 1.0])
def test_bernoulli_numbers_are_torchs(p: float) -> None:
    compare(lambda g, size: g.bernoulli(p, (size,)), lambda size: empty(size, "bool").bernoulli_(p))


@pytest.mark.parametrize("dtype", FLOATS)
def test_bernoulli_numbers_of_many_probabilities_are_torchs(dtype: str) -> None:
    compare(
        lambda g, size: g.bernoulli_probs(np.linspace(0, 1, size).astype(dtype)),
        lambda size: torch.bernoulli(torch.from_numpy(np.linspace(0, 1, size).astype(dtype))).bool(),
    )


@not_on_intel
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("p", [0.0, 0.1, 0.3, 0.5, 0.9, 1.0])
def test_dropout_masks_are_torchs(dtype: str, p: float) -> None:
    dropout = torch.nn.functional.dropout
    compare(
        lambda g, size: g.dropout_mask(p, (size,), dtype),
        lambda size: dropout(torch.ones(size, dtype=getattr(torch, dtype)), p),
    )


def test_an_unseeded_generator_is_torchs() -> None:
    generator = torch.Generator()
    assert Generator().initial_seed() == generator.initial_seed()
    assert Generator().uniform((3,)).tolist() == torch.rand(3, generator=generator).tolist()


def test_a_long_stream_mixed_of_all_draws_stays_torchs() -> None:
    rng = np.random.default_rng(0)
    generator = Generator().manual_seed(1)
    torch.manual_seed(1)
    pairs: list[tuple[DrawHere, DrawInTorch]] = [
        (lambda g, n: g.uniform((n,)), lambda n: torch.rand(n)),
        (lambda g, n: g.normal((n,)), lambda n: torch.randn(n)),
        (lambda g, n: g.normal((n,), np.float64), lambda n: torch.randn(n, dtype=torch.float64)),
        (lambda g, n: g.randint(0, 100, (n,)), lambda n: torch.randint(0, 100, (n,))),
        (lambda g, n: g.randperm(n), lambda n: torch.randperm(n)),
    ]
    for which, size in zip(rng.integers(len(pairs), size=2000), rng.integers(40, size=2000), strict=True):
        here, in_torch = pairs[which]
        np.testing.assert_allclose(here(generator, size), in_torch(int(size)).numpy(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("count", "replacement"), [(1, False), (4, False), (1, True), (9, True)])
@pytest.mark.parametrize("rows", [(), (3,)], ids=["a vector", "rows"])
def test_indices_drawn_by_weight_are_torchs(rows: tuple[int, ...], count: int, replacement: bool, dtype: str) -> None:
    weights = np.random.default_rng(0).random((*rows, 12)).astype(dtype)
    weights[..., 3] = 0
    for seed in SEEDS:
        gradb.manual_seed(seed)
        torch.manual_seed(seed)
        drawn = gradb.tensor(weights).multinomial(count, replacement)
        expected = torch.from_numpy(weights).multinomial(count, replacement)
        assert drawn.tolist() == expected.tolist()
        assert gradb.rand(1).item() == torch.rand(1).item()
