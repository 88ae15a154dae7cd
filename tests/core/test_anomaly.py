"""NaN in a backward is found where it comes to be; an error in a hook leaves nothing half done."""

from typing import Any

import gradb
import gradb.dialect as torch
import pytest
from gradb.trace.events import BackwardFinished, Visit


def test_the_first_node_that_sends_nan_on_is_named_with_the_place_of_its_forward() -> None:
    with gradb.record() as trace:
        w = torch.zeros(2, requires_grad=True)
        root = w.sqrt()
        loss = (root * 0).sum()
        message = r"SqrtBackward0, the backward of the op that made root, sends NaN on in gradient 0\. .* ran at line "
        with torch.autograd.set_detect_anomaly(True), pytest.raises(RuntimeError, match=message + ".*forward/2"):
            loss.backward()
    assert w.grad is None
    last = [event for event in trace.events if isinstance(event, Visit)][-1]
    assert last.node.name == "SqrtBackward0"
    assert isinstance(trace.events[-1], BackwardFinished)


def test_nan_is_not_looked_for_outside() -> None:
    w = torch.zeros(2, requires_grad=True)
    with torch.autograd.set_detect_anomaly(True):
        pass
    (w.sqrt() * 0).sum().backward()
    assert w.grad.isnan().all()


def test_an_error_in_a_hook_ends_the_walk_and_leaves_the_modes_as_they_were() -> None:
    def fail(gradient: Any) -> None:
        raise ValueError("no")

    with gradb.record() as trace:
        w = torch.ones(2, requires_grad=True)
        h = w * 2
        handle = h.register_hook(fail)
        with pytest.raises(ValueError, match="no"):
            h.sum().backward()
        assert torch.is_grad_enabled()
        handle.remove()
        (w * 2).sum().backward()
    assert w.grad.tolist() == [2.0, 2.0]
    assert sum(isinstance(event, BackwardFinished) for event in trace.events) == 2


@pytest.mark.parametrize(
    ("returned", "error", "message"),
    [
        (3, TypeError, "the hook 'hook' must return a tensor or None, found int"),
        (torch.ones(3), RuntimeError, r"the hook 'hook' must return a gradient of the shape .* found \(3\)"),
    ],
)
def test_what_a_hook_returns_is_checked(returned: Any, error: type[Exception], message: str) -> None:
    def hook(gradient: Any) -> Any:
        return returned

    w = torch.ones(2, requires_grad=True)
    w.register_hook(hook)
    with pytest.raises(error, match=message):
        (w * 2).sum().backward()


def test_a_tensor_of_inference_mode_is_refused_by_name() -> None:
    with gradb.record():
        w = torch.ones(2, requires_grad=True)
        with torch.inference_mode():
            frozen = torch.ones(2)
        with pytest.raises(RuntimeError, match="mul would save frozen for backward, but it was made in inference mode"):
            frozen.mul(w)
        with pytest.raises(RuntimeError, match=r"frozen was made in inference mode and cannot be changed in place"):
            frozen.add_(1)
