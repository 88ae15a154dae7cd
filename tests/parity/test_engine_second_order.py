"""Gradients of gradients are torch's, in float64: for every expression of the table, and through views written into."""

from typing import Any

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine_expressions import TABLE, Leaves, floats  # noqa: E402
from second_order_programs import SECOND_ORDER_PROGRAMS, second_order_of  # noqa: E402


def second_order(engine: Any, name: str) -> dict[str, Any]:
    """By leaf, and for the gradient that came in: what flows there from the gradients of the leaves."""
    x = Leaves(engine, "float64")
    result = TABLE[name](engine, engine.nn.functional, x)
    if not result.requires_grad:
        return {}
    draw = np.random.default_rng(5)

    def like(tensor: Any) -> Any:
        return engine.tensor(draw.uniform(0.5, 1.5, tuple(tensor.shape))).to(tensor.dtype)

    leaves = floats(x)
    seed = like(result).requires_grad_()
    grads = engine.autograd.grad(result, list(leaves.values()), seed, create_graph=True, allow_unused=True)
    roots = [grad for grad in grads if grad is not None and grad.requires_grad]
    if not roots:
        return {}
    above = [like(root) for root in roots]
    found = engine.autograd.grad(roots, [*leaves.values(), seed], above, allow_unused=True)
    return {name: values(grad) for name, grad in zip([*leaves, "seed"], found, strict=True)}


def values(tensor: Any) -> Any:
    """The numbers of a gradient; None, which stands for zeros, where there is none or all are 0."""
    if tensor is None:
        return None
    array = np.asarray(
        tensor.detach().numpy(force=True) if isinstance(tensor, torch.Tensor) else tensor.detach().numpy()
    )
    return array if array.any() else None


def assert_same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for name in {*found, *expected}:
        ours: Any = found.get(name)
        theirs: Any = expected.get(name)
        assert (ours is None) == (theirs is None), f"{name}: {ours}, torch has {theirs}"
        if theirs is not None:
            np.testing.assert_allclose(ours, theirs, 1e-9, 1e-11, err_msg=name)


@pytest.mark.parametrize("name", TABLE)
def test_second_order_gradients_are_torchs(name: str) -> None:
    assert_same(second_order(gradb.dialect, name), second_order(torch, name))


@pytest.mark.parametrize("name", SECOND_ORDER_PROGRAMS)
def test_second_order_gradients_through_changes_in_place_are_torchs(name: str) -> None:
    found = second_order_of(gradb.dialect, SECOND_ORDER_PROGRAMS[name])
    expected = second_order_of(torch, SECOND_ORDER_PROGRAMS[name])
    assert len(found) == len(expected), f"{found}, torch has {expected}"
    for position, (ours, theirs) in enumerate(zip(found, expected, strict=True)):
        if isinstance(theirs, type):
            assert ours is theirs
            continue
        np.testing.assert_allclose(ours, theirs, 1e-9, 1e-11, err_msg=f"{name}: gradient {position}")


@pytest.mark.parametrize("name", ["exp", "a*b", "a/b", "a**b", "matmul 3d@3d", "softmax", "log_softmax", "a**3"])
def test_third_order_gradients_are_torchs(name: str) -> None:
    results: list[Any] = []
    for engine in (torch, gradb.dialect):
        x = Leaves(engine, "float64")
        result: Any = TABLE[name](engine, engine.nn.functional, x)
        leaves = list(floats(x).values())
        for _ in range(3):
            found = engine.autograd.grad((result * result).sum(), leaves, create_graph=True, allow_unused=True)
            terms: list[Any] = [(g * 0.5 + leaf).sum() for g, leaf in zip(found, leaves, strict=True) if g is not None]
            result = sum(terms[1:], terms[0])
        results.append(float(result.detach()))
    assert results[1] == pytest.approx(results[0], rel=1e-9)
