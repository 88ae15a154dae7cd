"""Tensors of many shapes, dtypes and scales print in gradb as they do in torch, letter for letter."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from gradb.printing import set_printoptions, tensor_text
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

FLOATS = ["float16", "float32", "float64"]
DTYPES = [*FLOATS, "int8", "int16", "int32", "int64", "uint8", "bool"]
SHAPES = [
    *[(), (1,), (5,), (20,), (100,), (1000,), (1001,), (5000,)],
    *[(0,), (0, 3), (3, 0, 2), (1, 1), (7, 7), (40, 40), (2, 600), (600, 2), (1, 1001)],
    *[(2, 3, 4), (1, 1, 1), (3, 1, 400), (11, 10, 10), (2, 2, 2, 2), (6, 6, 40), (7, 2, 3, 40)],
]


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    yield
    set_printoptions(profile="default")
    torch.set_printoptions(profile="default")


def random_array(rng: np.random.Generator, dtype: str) -> NDArray[Any]:
    """Values of one scale and now and then whole, sparse, positive, widely spread, or with NaN and infinities."""
    shape = SHAPES[rng.integers(len(SHAPES))]
    values = np.asarray(rng.standard_normal(shape) * 10.0 ** rng.integers(-6, 10))
    whole, sparse, positive, spread, special = rng.random(5) < 0.25
    if whole:
        values = np.round(values)
    if sparse:
        values = values * (rng.random(shape) < 0.5)
    if positive:
        values = np.abs(values)
    if spread:
        values = values**3
    if special and dtype in FLOATS:
        values = np.where(rng.random(shape) < 0.2, rng.choice([np.nan, np.inf, -np.inf], shape), values)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(values).astype(dtype)


def expect_same_text(values: NDArray[Any], requires_grad: bool = False, made: bool = False) -> None:
    tensor = torch.from_numpy(values.copy())
    if requires_grad:
        tensor.requires_grad_()
    if made:
        tensor = tensor * 1
        values = tensor.detach().numpy()
    grad_fn = "MulBackward0" if made else None
    assert tensor_text(values, requires_grad=requires_grad, grad_fn=grad_fn) == repr(tensor)


@pytest.mark.parametrize("dtype", DTYPES)
def test_random_tensors_print_as_in_torch(dtype: str) -> None:
    rng = np.random.default_rng(DTYPES.index(dtype))
    for _ in range(250):
        expect_same_text(random_array(rng, dtype))


@pytest.mark.parametrize("dtype", FLOATS)
def test_tensors_in_a_graph_print_as_in_torch(dtype: str) -> None:
    rng = np.random.default_rng(100 + FLOATS.index(dtype))
    for made in [False, True] * 50:
        expect_same_text(random_array(rng, dtype), requires_grad=True, made=made)


def test_every_length_of_a_last_line_breaks_its_suffixes_as_in_torch() -> None:
    for dtype in FLOATS:
        for length in range(1, 25):
            expect_same_text(np.linspace(0, 1, length).astype(dtype), requires_grad=True, made=True)


@pytest.mark.parametrize(
    "options",
    [
        {"precision": 0},
        {"precision": 7, "linewidth": 120},
        {"threshold": 0},
        {"threshold": 10, "edgeitems": 1},
        {"threshold": 10, "edgeitems": 0},
        {"linewidth": 10},
        {"sci_mode": True},
        {"sci_mode": False},
        {"profile": "short"},
        {"profile": "full", "linewidth": 200},
    ],
    ids=str,
)
def test_options_change_the_text_as_in_torch(options: dict[str, Any]) -> None:
    set_printoptions(**options)
    torch.set_printoptions(**options)
    rng = np.random.default_rng(7)
    for dtype in DTYPES * 5:
        expect_same_text(random_array(rng, dtype))


def test_an_array_that_is_a_view_prints_as_in_torch() -> None:
    values = np.arange(24, dtype=np.float32).reshape(4, 6)
    tensor = torch.from_numpy(values)
    assert tensor_text(values.T[::2, 1:]) == repr(tensor.T[::2, 1:])
    assert tensor_text(np.broadcast_to(values[0], (3, 6))) == repr(tensor[0].expand(3, 6))
