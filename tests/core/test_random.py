"""The random stream; the expected numbers are torch 2.13's, after manual_seed(0) unless a test says otherwise."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradb.random import DEFAULT_SEED, Generator, default_generator, manual_seed
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

Draw = Callable[[Generator], NDArray[Any]]


def seeded(seed: int = 0) -> Generator:
    return Generator().manual_seed(seed)


DRAWS: dict[str, tuple[Draw, list[Any]]] = {
    "uniform float32": (
        lambda g: g.uniform((4,)),
        [0.49625658988952637, 0.7682217955589294, 0.08847743272781372, 0.13203048706054688],
    ),
    "uniform float64": (
        lambda g: g.uniform((4,), np.float64),
        [0.9700530018065531, 0.707819864399788, 0.45938294312745087, 0.9207476841219603],
    ),
    "uniform float16": (
        lambda g: g.uniform((4,), np.float16),
        [0.496337890625, 0.76806640625, 0.0885009765625, 0.132080078125],
    ),
    "uniform float32 between bounds": (
        lambda g: g.uniform((4,), low=2.0, high=7.5),
        [4.7294111251831055, 6.2252197265625, 2.486625909805298, 2.726167678833008],
    ),
    "uniform float64 between bounds": (
        lambda g: g.uniform((4,), np.float64, -0.3, 0.7),
        [0.6700530018065531, 0.40781986439978796, 0.15938294312745088, 0.6207476841219604],
    ),
    "few normals float32": (
        lambda g: g.normal((4,)),
        [1.5409960746765137, -0.293428897857666, -2.1787893772125244, 0.5684312582015991],
    ),
    "few normals float64": (
        lambda g: g.normal((4,), np.float64),
        [1.5409961082440433, -0.2934289057609464, -2.1787893820745574, 0.5684312772806678],
    ),
    "few normals with mean and std": (
        lambda g: g.normal((4,), mean=5.0, std=0.5),
        [5.770498275756836, 4.853285312652588, 3.9106051921844482, 5.284215450286865],
    ),
    "randint": (lambda g: g.randint(0, 10, (8,)), [4, 9, 3, 0, 3, 9, 7, 3]),
    "randint int8": (lambda g: g.randint(-5, 5, (8,), np.int8), [-1, 4, -2, -5, -2, 4, 2, -2]),
    "randint bool": (lambda g: g.randint(0, 2, (4,), np.bool_), [False, True, True, False]),
    "randint float32": (lambda g: g.randint(0, 10, (4,), np.float32), [4.0, 9.0, 3.0, 0.0]),
    "widest randint of one word": (lambda g: g.randint(0, 2**28 - 1, (3,)), [209652404, 130329144, 118924928]),
    "narrowest randint of two words": (lambda g: g.randint(0, 2**28, (3,)), [130329135, 136432832, 195187451]),
    "widest randint": (
        lambda g: g.randint(-(2**63), 2**63 - 1, (2,)),
        [900450186894289455, 3969543146641149120],
    ),
    "randperm": (lambda g: g.randperm(10), [4, 1, 7, 5, 3, 9, 0, 8, 6, 2]),
    "bernoulli": (lambda g: g.bernoulli(0.3, (8,)), [False] * 6 + [True, False]),
    "bernoulli of float32": (
        lambda g: g.bernoulli_probs(np.full(8, 0.3, np.float32)),
        [False, False, True, True, False, False, False, False],
    ),
    "bernoulli of float64": (lambda g: g.bernoulli_probs(np.full(8, 0.3)), [False] * 6 + [True, False]),
    "dropout mask": (lambda g: g.dropout_mask(0.3, (4,)), [0.0, 0.0, 1.4285714626312256, 0.0]),
    "dropout mask float16": (lambda g: g.dropout_mask(0.3, (4,), np.float16), [0.0, 0.0, 1.4287109375, 0.0]),
}


@pytest.mark.parametrize("name", DRAWS)
def test_a_draw_has_torchs_numbers(name: str) -> None:
    draw, expected = DRAWS[name]
    assert draw(seeded()).tolist() == expected


@pytest.mark.parametrize(
    ("count", "first", "last"),
    [
        (16, [-1.1258398294448853, -1.152360200881958, -0.2505785822868347], [-0.2472781538963318]),
        (17, [-1.1258398294448853, -1.6959311962127686, 0.5666506290435791], [0.9318265914916992]),
        (24, [-1.1258398294448853, -1.152360200881958, -0.2505785822868347], [-2.316041946411133]),
    ],
)
def test_sixteen_normals_or_more_come_in_blocks(count: int, first: list[float], last: list[float]) -> None:
    normals = seeded().normal((count,)).tolist()
    assert [*normals[:3], normals[-1]] == pytest.approx([*first, *last], rel=1e-6)


def test_the_second_normal_of_a_pair_waits_for_the_next_call() -> None:
    generator = seeded()
    apart = [generator.normal((size,), np.float64) for size in (1, 0, 2, 1)]
    assert np.concatenate(apart).tolist() == DRAWS["few normals float64"][1]


def test_a_block_of_normals_leaves_the_waiting_one_alone() -> None:
    generator = seeded()
    drawn = [generator.normal((1,))[0], generator.normal((16,))[0], generator.normal((1,))[0]]
    assert drawn == pytest.approx([1.5409960746765137, 0.8487103581428528, -0.293428897857666], rel=1e-6)


def test_seeding_again_drops_the_waiting_normal() -> None:
    generator = seeded()
    first = generator.normal((1,))
    assert generator.manual_seed(0).normal((1,)) == first


def test_seed_100_gives_the_numbers_that_people_quote() -> None:
    generator = seeded(100)
    assert generator.uniform((100, 1))[0, 0] == np.float32(0.1116642951965332)
    normals = [generator.normal((1, 1)).item() for _ in range(4)]
    assert normals == [0.24365249276161194, -0.5800167918205261, -0.15420503914356232, 1.1046298742294312]


def test_an_unseeded_generator_starts_from_torchs_default_seed() -> None:
    generator = Generator()
    assert generator.initial_seed() == DEFAULT_SEED
    assert generator.uniform((2,)).tolist() == [0.267295241355896, 0.8725283145904541]


@pytest.mark.parametrize(
    ("seed", "initial_seed", "first"),
    [
        (2**32, 2**32, 0.49625658988952637),
        (-1, 2**64 - 1, 0.9937993884086609),
        (2**64 - 1, 2**64 - 1, 0.9937993884086609),
    ],
)
def test_a_seed_counts_modulo_64_bits_and_chooses_by_32(seed: int, initial_seed: int, first: float) -> None:
    generator = seeded(seed)
    assert generator.initial_seed() == initial_seed
    assert generator.uniform((1,)).item() == first


@pytest.mark.parametrize("seed", [2**64, -(2**63) - 1])
def test_a_seed_beyond_64_bits_is_refused(seed: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        seeded(seed)


def test_manual_seed_seeds_the_default_generator() -> None:
    before = default_generator.get_state()
    try:
        assert manual_seed(0) is default_generator
        assert default_generator.random63() == 900450186894289455
    finally:
        default_generator.set_state(before)


def test_seed_chooses_a_new_stream_and_tells_its_seed() -> None:
    generator = Generator()
    seed = generator.seed()
    assert seed == generator.initial_seed()
    assert generator.random63() == seeded(seed).random63()


@given(st.integers(-(2**63), 2**64 - 1), st.integers(0, 1300), st.integers(0, 3))
def test_a_state_repeats_the_stream_in_any_generator(seed: int, words: int, normals: int) -> None:
    generator = seeded(seed)
    generator.uniform((words,))
    generator.normal((normals,))
    state = generator.get_state()
    drawn = [generator.normal((3,)).tolist(), generator.random63()]
    other = Generator().set_state(state)
    assert [other.normal((3,)).tolist(), other.random63()] == drawn
    assert other.initial_seed() == generator.initial_seed()


@given(st.integers(0, 2**32 - 1), st.sampled_from([np.float16, np.float32, np.float64]))
def test_a_uniform_number_never_reaches_the_upper_bound(seed: int, dtype: type[np.floating[Any]]) -> None:
    values = seeded(seed).uniform((500,), dtype, 0.1, 0.2)
    assert np.all((values >= dtype(0.1)) & (values < dtype(0.2)))


@given(st.integers(0, 2**32 - 1), st.integers(0, 200))
def test_randperm_holds_every_number_once(seed: int, n: int) -> None:
    assert sorted(seeded(seed).randperm(n).tolist()) == list(range(n))


@pytest.mark.parametrize("draw", [draw for draw, _ in DRAWS.values()], ids=list(DRAWS))
def test_equal_seeds_give_equal_arrays(draw: Draw) -> None:
    assert np.array_equal(draw(seeded(5)), draw(seeded(5)))


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_dropout_of_nothing_or_everything_draws_nothing(p: float) -> None:
    generator = seeded()
    assert generator.dropout_mask(p, (2, 3)).tolist() == [[1.0 - p] * 3] * 2
    assert generator.random63() == seeded().random63()


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda g: g.uniform((1,), low=1.0, high=0.0), RuntimeError, "from=1.0, to=0.0"),
        (lambda g: g.uniform((1,), np.float16, high=1e5), RuntimeError, "float16"),
        (lambda g: g.uniform((1,), np.int64), NotImplementedError, "int64"),
        (lambda g: g.normal((1,), std=-1.0), RuntimeError, "std -1.0"),
        (lambda g: g.randint(3, 3, (1,)), RuntimeError, "from=3 >= to=3"),
        (lambda g: g.randint(0, 300, (1,), np.uint8), RuntimeError, "uint8"),
        (lambda g: g.randperm(-1), RuntimeError, "non-negative"),
        (lambda g: g.bernoulli(1.5, (1,)), RuntimeError, r"p=1\.5"),
        (lambda g: g.bernoulli_probs(np.array([0.5, np.nan])), RuntimeError, "every probability"),
        (lambda g: g.dropout_mask(1.5, (1,)), ValueError, r"1\.5"),
    ],
)
def test_an_impossible_draw_is_refused(draw: Draw, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw(seeded())
