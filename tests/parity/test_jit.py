"""Graphs that gradb captures compute what torch.jit.trace's compute, forwards and backwards."""

import warnings
from collections.abc import Iterator
from typing import Any

import gradb
import numpy as np
import pytest
from jit_rows import ROWS

torch = pytest.importorskip("torch")

ENGINES = (gradb, torch)


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def flat(value: Any) -> list[Any]:
    return [tensor for item in value for tensor in flat(item)] if isinstance(value, tuple | list) else [value]


def with_grad(value: Any) -> Any:
    """The same tensors as leaves that require grad."""
    if isinstance(value, tuple):
        return tuple(with_grad(item) for item in value)
    return value.detach().clone().requires_grad_()


def seen(engine: Any, name: str) -> list[Any]:
    """Results and gradients of all calls, the state of a module, and where the stream of random numbers stands."""
    engine.manual_seed(11)
    traced_thing, example, calls = ROWS[name](engine)
    traced = engine.jit.trace(traced_thing, example)
    arrays: list[Any] = []
    for call in calls:
        inputs = with_grad(call)
        results = flat(traced(*inputs))
        arrays += [result.detach().numpy() for result in results]
        loss: Any = sum((result * result * result).sum() for result in results)
        loss.backward()
        arrays += [tensor.grad.numpy() if tensor.grad is not None else None for tensor in flat(inputs)]
    if isinstance(traced, engine.nn.Module):
        arrays += [parameter.grad.numpy() for parameter in traced.parameters()]
        arrays += [value.numpy() for value in traced.state_dict().values()]
    return [*arrays, engine.rand(3).numpy()]


@pytest.mark.parametrize("name", ROWS)
def test_a_captured_graph_computes_what_torchs_does(name: str) -> None:
    ours, theirs = (seen(engine, name) for engine in ENGINES)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert (one is None) == (other is None)
        if other is not None:
            assert one.shape == other.shape
            assert one.dtype == other.dtype
            np.testing.assert_allclose(one, other, rtol=2e-5, atol=1e-6)
