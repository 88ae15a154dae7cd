"""Gradient clipping: one event for a call, with the norm, the coefficient and every gradient before and after."""

from typing import Any

import gradb
import gradb.dialect as torch
import numpy as np
import pytest
from gradb.trace.events import Clipped
from gradb.trace.formulas import explain
from gradb.trace.trace import Trace


def trained(clip: Any) -> tuple[Trace, Any, Any]:
    """A backward, a clip and an update; the clip gets the parameters."""
    with gradb.record() as trace:
        w, b = torch.ones(2, requires_grad=True), torch.ones(1, requires_grad=True)
        optimizer = torch.optim.SGD([w, b], lr=1.0)
        (w * torch.tensor([3.0, 0.0]) + b * torch.tensor([4.0, 0.0])).sum().backward()
        clip([w, b])
        optimizer.step()
    return trace, w, b


def test_a_clipped_norm_tells_norm_coefficient_and_gradients() -> None:
    trace, w, b = trained(lambda p: torch.nn.utils.clip_grad_norm_(p, 1.0))
    (number,) = trace.of_kind("clipped")
    event: Any = trace.event(number)
    assert (event.by, event.limit, event.norm_type, event.total_norm) == ("clip_grad_norm_", 1.0, 2.0, 5.0)
    assert event.coefficient == pytest.approx(0.2)
    assert [array.tolist() for array in event.before] == [[3.0, 0.0], [4.0]]
    np.testing.assert_allclose(event.grads[0].array, [0.6, 0.0], rtol=1e-6)
    np.testing.assert_allclose([w[0].item(), b.item()], [0.4, 0.2], rtol=1e-6)


def test_the_timeline_knows_the_gradient_before_and_after_the_clip() -> None:
    trace, _, _ = trained(lambda p: torch.nn.utils.clip_grad_norm_(p, 1.0))
    (number,) = trace.of_kind("clipped")
    event: Any = trace.event(number)
    w = event.tensors[0].id
    assert trace.grad(w, number - 1).tolist() == [3.0, 0.0]  # type: ignore[union-attr]
    np.testing.assert_allclose(trace.grad(w, number), [0.6, 0.0], rtol=1e-6)  # type: ignore[arg-type]
    assert trace.phase_of(number) == "update"


def test_a_clip_is_explained_with_the_numbers_of_its_coefficient() -> None:
    trace, _, _ = trained(lambda p: torch.nn.utils.clip_grad_norm_(p, 1.0))
    explanation = explain(trace, trace.of_kind("clipped")[0])
    assert explanation.title == ("clip_grad_norm_: the total norm 5 exceeds 1, so every gradient is multiplied by 0.2")
    assert explanation.symbols[1:3] == (
        "coefficient = min(1, max_norm / (total_norm + 1e-6))",
        "w.grad ← w.grad · coefficient",
    )
    assert explanation.numbers[1:3] == ("min(1, 1 / (5 + 1e-6)) = 0.2", "[0]: 3 · 0.2 = 0.6")


def test_a_norm_within_the_limit_leaves_the_gradients_and_says_so() -> None:
    trace, w, _ = trained(lambda p: torch.nn.utils.clip_grad_norm_(p, 10.0))
    explanation = explain(trace, trace.of_kind("clipped")[0])
    assert explanation.title == "clip_grad_norm_: the total norm 5 is within 10"
    assert w.grad.tolist() == [3.0, 0.0]


def test_clipped_values_tell_how_many_lay_outside() -> None:
    trace, w, _ = trained(lambda p: torch.nn.utils.clip_grad_value_(p, 3.5))
    explanation = explain(trace, trace.of_kind("clipped")[0])
    assert explanation.title == "clip_grad_value_: 1 of 3 gradients lay outside [-3.5, 3.5]"
    assert explanation.numbers == ("[0]: min(max(3, -3.5), 3.5) = 3", "min(max(4, -3.5), 3.5) = 3.5")
    assert w.grad.tolist() == [3.0, 0.0]


def test_the_norm_that_a_clip_returns_is_known_to_come_from_it() -> None:
    with gradb.record() as trace:
        w = torch.ones(1, requires_grad=True)
        (w * 2).backward()
        norm = torch.nn.utils.clip_grad_norm_([w], 1.0)
        twice = norm * 2
    assert twice.item() == 4.0
    assert any(event.kind == "tensor_created" and event.origin == "clip_grad_norm_" for event in trace.events)  # type: ignore[union-attr]


def test_gradients_from_before_the_recording_are_announced_as_they_were() -> None:
    w = torch.ones(1, requires_grad=True)
    (w * 2).backward()
    with gradb.record() as trace:
        torch.nn.utils.clip_grad_norm_([w], 1.0)
    (number,) = trace.of_kind("clipped")
    event: Any = trace.event(number)
    assert isinstance(event, Clipped)
    grad = event.grads[0].id
    assert trace.value(grad, number - 1).tolist() == [2.0]  # type: ignore[union-attr]
    np.testing.assert_allclose(trace.value(grad, number), [1.0], rtol=1e-6)  # type: ignore[arg-type]


def test_without_gradients_nothing_is_clipped_and_nothing_told() -> None:
    with gradb.record() as trace:
        assert torch.nn.utils.clip_grad_norm_([torch.ones(1, requires_grad=True)], 1.0).item() == 0.0
    assert not trace.of_kind("clipped")


def test_an_alias_of_a_gradient_is_seen_to_change_with_it() -> None:
    with gradb.record() as trace:
        w = torch.ones(1, requires_grad=True)
        (w * 2).backward()
        alias = w.grad.detach()
        torch.nn.utils.clip_grad_value_([w], 0.5)
    event: Any = trace.event(trace.of_kind("clipped")[0])
    assert [state.array.tolist() for state in event.aliases] == [[0.5]]
    assert alias.tolist() == [0.5]
