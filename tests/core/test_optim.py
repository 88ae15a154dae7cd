"""Optimizers: one update for each parameter, with the rule and what it used."""

from typing import Any

import gradb
import gradb.dialect as torch
import numpy as np
from gradb.trace.events import Update


def updates(make: Any, steps: int = 2) -> list[Update]:
    """The update events of a few steps on two parameters."""
    with gradb.record() as trace:
        w, b = torch.ones(2, requires_grad=True), torch.zeros(1, requires_grad=True)
        optimizer = make([w, b])
        for _ in range(steps):
            optimizer.zero_grad()
            ((w * 3).sum() + b.sum()).backward()
            optimizer.step()
    return [event for event in trace.events if isinstance(event, Update)]


def test_each_step_is_one_update_for_each_parameter() -> None:
    for make in (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), lambda p: torch.optim.Adam(p)):
        assert len(updates(make)) == 4


def test_an_update_tells_before_after_rule_and_what_was_used() -> None:
    first, _, third, _ = updates(lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9))
    assert first.rule == "buf = grad; self = self - lr · buf"
    assert first.before.tolist() == [1.0, 1.0]
    np.testing.assert_allclose(first.tensor.array, [0.7, 0.7], rtol=1e-6)
    used = dict(third.used)
    assert used["lr"] == 0.1
    np.testing.assert_allclose(used["buf"], 0.9 * 3 + 3, rtol=1e-6)  # type: ignore[arg-type]
    assert first.before.tolist() == [1.0, 1.0]


def test_a_parameter_without_gradient_is_left_alone() -> None:
    w = torch.ones(1, requires_grad=True)
    torch.optim.SGD([w], lr=0.1).step()
    assert w.tolist() == [1.0]
    assert w._version == 0


def test_groups_have_options_of_their_own() -> None:
    a, b = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([{"params": [a]}, {"params": [b], "lr": 1.0}], lr=0.1)
    (a + b).backward()
    optimizer.step()
    np.testing.assert_allclose([a.item(), b.item()], [0.9, 0.0], rtol=1e-6)


def test_a_closure_runs_with_gradients_and_gives_the_loss() -> None:
    w = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([w], lr=0.1)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 1.0
    np.testing.assert_allclose(w.item(), 0.8, rtol=1e-6)


def test_state_moves_to_another_optimizer() -> None:
    w = torch.ones(1, requires_grad=True)
    one = torch.optim.SGD([w], lr=0.1, momentum=0.9)
    (w * 2).backward()
    one.step()
    other = torch.optim.SGD([w], lr=5.0, momentum=0.9)
    other.load_state_dict(one.state_dict())
    assert other.param_groups[0]["lr"] == 0.1
    assert other.state[w]["momentum_buffer"].tolist() == [2.0]
