"""The differences that README.md lists, each as far as it goes: a test fails when one grows, or is gone."""

import warnings
from collections.abc import Callable
from typing import Any

import gradb.dialect
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from second_order_programs import second_order_of  # noqa: E402

ENGINES = [torch, gradb.dialect]


def second(engine: Any, function: Callable[..., Any], values: list[float]) -> list[float]:
    """The second derivative of an elementwise function."""
    x = engine.tensor(values, dtype=engine.float64, requires_grad=True)
    (grad,) = engine.autograd.grad(function(engine, x).sum(), x, create_graph=True)
    (found,) = engine.autograd.grad(grad.sum(), x)
    return found.tolist()


@pytest.mark.parametrize("name", ["elu", "selu", "celu"])
def test_the_second_derivative_at_the_kink_is_that_from_the_left(name: str) -> None:
    def function(engine: Any, x: Any) -> Any:
        return getattr(engine.nn.functional, name)(x)

    theirs, ours = (second(engine, function, [0.0, -1.0, 1.0]) for engine in ENGINES)
    assert ours[1:] == pytest.approx(theirs[1:])
    assert theirs[0] == 0.0
    assert ours[0] == pytest.approx(second(gradb.dialect, function, [-1e-9])[0])


def test_the_second_derivative_of_atan2_at_the_origin_is_nan() -> None:
    found: list[float] = []
    for engine in ENGINES:
        x = engine.zeros(1, dtype=engine.float64, requires_grad=True)
        seed = engine.ones(1, dtype=engine.float64, requires_grad=True)
        y = engine.zeros(1, dtype=engine.float64)
        (grad,) = engine.autograd.grad(engine.atan2(x, y), x, seed, create_graph=True)
        found.append(engine.autograd.grad(grad, seed)[0].item())
    assert found[0] == 0.0
    assert np.isnan(found[1])


def test_a_mean_over_nothing_has_zeros_for_its_second_gradient() -> None:
    found: list[float] = []
    for engine in ENGINES:
        x = engine.ones(2, 3, dtype=engine.float64, requires_grad=True)
        seed = engine.tensor(1.0, dtype=engine.float64, requires_grad=True)
        loss = engine.nn.functional.nll_loss(x, engine.tensor([-100, -100]))
        (grad,) = engine.autograd.grad(loss, x, seed, create_graph=True)
        found.append(engine.autograd.grad(grad.sum(), seed)[0].item())
    assert np.isnan(found[0])
    assert found[1] == 0.0


def test_frequencies_of_an_embedding_count_in_the_second_gradient() -> None:
    found: list[list[float]] = []
    for engine in ENGINES:
        w = engine.ones(2, 1, dtype=engine.float64, requires_grad=True)
        seed = engine.ones(3, 1, dtype=engine.float64, requires_grad=True)
        rows = engine.nn.functional.embedding(engine.tensor([0, 0, 1]), w, scale_grad_by_freq=True)
        (grad,) = engine.autograd.grad(rows, w, seed, create_graph=True)
        found.append(engine.autograd.grad(grad.sum(), seed)[0].reshape(-1).tolist())
    assert found == [[1.0, 1.0, 1.0], [0.5, 0.5, 1.0]]


def test_a_refused_change_leaves_a_tensor_of_inference_mode_as_it_was() -> None:
    found: list[list[float]] = []
    for engine in ENGINES:
        with engine.inference_mode():
            x = engine.ones(2)
        with pytest.raises(RuntimeError):
            x.add_(1)
        found.append(x.tolist())
    assert found == [[2.0, 2.0], [1.0, 1.0]]


def test_grad_mode_stays_off_inside_inference_mode() -> None:
    found: list[tuple[bool, bool]] = []
    for engine in ENGINES:
        w = engine.ones(1, requires_grad=True)
        with engine.inference_mode(), engine.enable_grad():
            found.append((engine.is_grad_enabled(), (w * 2).requires_grad))
    assert found == [(True, False), (False, False)]


def test_a_view_of_inference_mode_has_no_grad_fn_after_its_base_changed() -> None:
    found: list[Any] = []
    for engine in ENGINES:
        h = engine.ones(2, requires_grad=True) * 1
        with engine.inference_mode():
            view = h[0]
        h.add_(1)
        try:
            found.append(view.grad_fn)
        except RuntimeError as error:
            found.append(type(error))
    assert found == [RuntimeError, None]


def test_walking_back_with_create_graph_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (gradb.dialect.ones(1, requires_grad=True) ** 2).backward(create_graph=True)


def test_nodes_of_gradients_may_have_other_names_but_not_other_values() -> None:
    names: list[str] = []
    for engine in ENGINES:
        x = engine.tensor([1.0, 0.0, 3.0], requires_grad=True)
        (grad,) = engine.autograd.grad(x.prod(), x, create_graph=True)
        names.append(type(grad.grad_fn).__name__)
    assert names == ["ViewBackward0", "MulBackward0"]
    theirs, ours = (second_order_of(engine, "s = x.prod() * y.sum()") for engine in ENGINES)
    np.testing.assert_allclose(ours, theirs)
