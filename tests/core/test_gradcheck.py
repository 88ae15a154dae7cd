"""Finite-difference checks of what a run recorded."""

from typing import Any

import gradb as torch
import numpy as np
import pytest
from gradb.autograd.op import Grad, Op
from gradb.debug.finite_differences import STEP
from gradb.errors import UserError
from gradb.scenario import gradcheck
from gradb.scenario.gradcheck import check_leaf, check_node
from gradb.trace.events import Accumulate, Visit
from gradb.trace.trace import Trace


def recorded(source: str) -> Trace:
    with torch.record() as trace:
        exec(source, {"torch": torch, "F": torch.nn.functional})
    return trace


def visits(trace: Trace) -> list[int]:
    return [n for n, e in enumerate(trace.events, 1) if isinstance(e, Visit) and not e.node.tensor]


PROGRAMS = {
    "linear": "w = torch.randn(3, 4, requires_grad=True)\n(torch.randn(5, 3) @ w).tanh().mean().backward()",
    "broadcast": "w = torch.rand(1, 4, requires_grad=True)\n((torch.rand(5, 1) * w) ** 2).sum().backward()",
    "twice": "w = torch.rand(3, requires_grad=True)\ny = w * w.exp()\n(y + y.sin()).sum().backward()",
    "cat": "w = torch.rand(2, requires_grad=True)\n(torch.cat([w, w * 2]) * torch.arange(4)).sum().backward()",
    "in place": "w = torch.rand(3, requires_grad=True)\ny = w * 2\ny.mul_(w)\ny.sum().backward()",
    "double": "w = torch.rand(3, requires_grad=True, dtype=torch.float64)\n(w / (1 + w)).log().sum().backward()",
    "classes": "w = torch.randn(4, 3, requires_grad=True)\nF.cross_entropy(w, torch.tensor([0, 2, 1, 1])).backward()",
    "seed": "w = torch.rand(3, requires_grad=True)\n(w ** 3).backward(torch.tensor([1., -2., .5]))",
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_the_engines_gradients_agree_at_every_node_and_at_the_leaf(source: str) -> None:
    torch.manual_seed(3)
    trace = recorded(source)
    for at in visits(trace):
        for check in check_node(trace, at):
            assert check.verdict == "agrees", str(check)
    leaf = trace.events[trace.of_kind("accumulate")[-1] - 1]
    assert isinstance(leaf, Accumulate)
    check = check_leaf(trace, leaf.tensor.id, len(trace))
    assert check.verdict == "agrees", str(check)
    assert check.error is not None
    assert check.step == STEP


def test_a_wrong_gradient_differs_with_its_worst_element(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradb.autograd.dispatch import unary

    wrong = Op(
        "WrongBackward0", lambda self: self**2, name="wrong", symbol="self²", self=Grad("∂L/∂out", lambda grad: grad)
    )
    ops: Any = gradcheck._ops()
    monkeypatch.setitem(ops, (wrong.info.name, wrong.info.inputs, wrong.info.symbol), [wrong])
    with torch.record() as trace:
        w = torch.tensor([1.0, 5.0], requires_grad=True)
        unary(wrong, w).sum().backward()
    (check,) = [c for at in visits(trace)[1:] for c in check_node(trace, at)]
    assert check.verdict == "differs"
    assert (check.element, check.recorded) == ((1,), 1.0)
    assert check.numeric == pytest.approx(10.0)
    assert "differs: relative error 0.9" in str(check)
    assert check_leaf(trace, 1, len(trace)).verdict == "differs"


def test_an_element_at_a_kink_is_not_compared_and_counted() -> None:
    with torch.record() as trace:
        w = torch.tensor([0.0, 5.0], requires_grad=True)
        w.relu().sum().backward()
    check = check_leaf(trace, 1, len(trace))
    assert (check.verdict, check.elements, check.kinks) == ("agrees", 1, 1)
    assert str(check).endswith("1 at a kink")
    with torch.record() as trace:
        w = torch.tensor([0.0], requires_grad=True)
        w.abs().sum().backward()
    assert check_leaf(trace, 1, len(trace)).reason == "the function has no derivative here: it has a kink"


def test_only_the_last_backward_is_checked() -> None:
    with torch.record() as trace:
        w = torch.tensor([1.0, 5.0], requires_grad=True)
        (w * w).sum().backward()
        (w * 3).sum().backward()
    check = check_leaf(trace, 1, len(trace))
    assert (check.verdict, check.recorded) == ("agrees", 3.0)


def test_a_large_tensor_is_checked_at_some_elements() -> None:
    with torch.record() as trace:
        w = torch.ones(50, 50, requires_grad=True)
        (w * w).sum().backward()
    check = check_leaf(trace, 1, len(trace))
    assert check.verdict == "agrees"
    assert check.elements <= 64 < check.count == 2500


def test_random_ops_and_view_writes_are_not_checked_and_say_why() -> None:
    with torch.record() as trace:
        w = torch.ones(3, requires_grad=True)
        y = w * 2
        y[0] = 5.0
        y.sum().backward()
    assert check_leaf(trace, 1, len(trace)).verdict == "not checked"
    assert "CopySlices" in check_leaf(trace, 1, len(trace)).reason


def test_what_was_never_written_or_visited_is_a_mistake() -> None:
    with torch.record() as trace:
        w = torch.ones(3, requires_grad=True)
        y = w * 2
    assert y.shape == (3,)
    with pytest.raises(UserError, match="no backward"):
        check_leaf(trace, 1, len(trace))
    with pytest.raises(UserError, match="no visit"):
        check_node(trace, 1)
    assert np.isclose(STEP, 6.06e-6, rtol=1e-2)
