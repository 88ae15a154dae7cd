"""Comparing two traces without torch: what counts as equal, what does not, and what is said of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.events import Accumulate, Forward, Printed, Update, Visit
from gradb.trace.trace import Trace
from gradb.verify.comparison import compare
from gradb.verify.report import report
from gradb.verify.sequence import sequence
from gradb.verify.text import same_text
from gradb.verify.verification import Verification
from msgspec.structs import replace

TRAINING = """
import torch
torch.manual_seed(0)
x = torch.randn(20, 3)
y = x @ torch.tensor([1.0, -2.0, 0.5])
w = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr={lr}, momentum=0.9)
for step in range(30):
    loss = ((x @ w - y) ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(w)
"""


def traced(program: str) -> Trace:
    return run(Scenario(title="a program", program=program.lstrip("\n"), filename="program"))


def training(lr: float = 0.05) -> Trace:
    return traced(TRAINING.replace("{lr}", repr(lr)))


def changed(trace: Trace, number: int, **fields: Any) -> Trace:
    """The trace with other fields in one event."""
    trace.events[number - 1] = replace(trace.events[number - 1], **fields)
    return trace


def first(trace: Trace, kind: type[Any], place: int = 0) -> tuple[int, Any]:
    return [(n, event) for n, event in enumerate(trace.events, 1) if isinstance(event, kind)][place]


def test_a_run_is_equal_to_itself_in_every_event() -> None:
    found = compare(training(), training())
    assert found.divergence is None
    assert found.agreed.total() == len(sequence(training()))
    assert found.agreed["visit"] == 30 * 5
    assert found.near == 0


@pytest.mark.parametrize("lr", [0.05 * (1 + 1e-4), 0.05 * (1 - 1e-4), 0.0501])
def test_a_learning_rate_that_is_slightly_off_is_found_at_the_first_update(lr: float) -> None:
    found = compare(training(), training(lr))
    assert found.divergence is not None
    assert found.divergence.ours is not None
    assert found.divergence.ours.kind == "update"
    assert found.agreed["update"] == 0


@pytest.mark.parametrize("step", [0, 10, 29])
def test_a_gradient_that_is_slightly_off_is_found_where_it_is_computed_late_in_a_run_too(step: int) -> None:
    wrong = training()
    visits = [(n, e) for n, e in enumerate(wrong.events, 1) if isinstance(e, Visit) and e.node.name == "MvBackward0"]
    number, event = visits[step]
    outgoing = tuple([None if g is None else g * np.float32(1.001) for g in event.outgoing])
    found = compare(training(), changed(wrong, number, outgoing=outgoing))
    assert found.divergence is not None
    assert found.divergence.ours is not None
    assert found.divergence.ours.number == number
    assert found.divergence.differences[0].what.startswith("outgoing gradient")


def test_rounding_does_not_count_as_a_difference() -> None:
    other = training()
    number, event = first(other, Forward, 5)
    state = replace(event.outputs[0], array=np.nextafter(event.outputs[0].array, np.float32(np.inf)))
    assert compare(training(), changed(other, number, outputs=(state,))).divergence is None


def test_differences_may_grow_by_what_they_are_multiplied_with_and_no_more() -> None:
    program = "import torch\nw = torch.tensor(3.0, requires_grad=True)\ny = w * 1.5\nz = y * 1000\nz.backward()\n"
    for factor, equal in ((2e-7, True), (1e-4, False)):
        other = traced(program)
        for n, event in enumerate(other.events, 1):
            if isinstance(event, Forward) and (equal or event.outputs[0].id == 3):
                state = event.outputs[0]
                state = replace(state, array=np.asarray(state.array * np.float32(1 + factor)))
                other.events[n - 1] = replace(event, outputs=(state,))
        assert (compare(traced(program), other).divergence is None) == equal


def _another_kind(trace: Trace) -> Trace:
    number, event = first(trace, Update)
    trace.events[number - 1] = Printed(event.line, "")
    return trace


def _another_line(trace: Trace) -> Trace:
    number, event = first(trace, Visit)
    return changed(trace, number, line=event.line + 1)


def _another_node(trace: Trace) -> Trace:
    number, event = first(trace, Visit)
    return changed(trace, number, node=replace(event.node, name="AddBackward0"))


def _another_node_of_the_name(trace: Trace) -> Trace:
    number, event = first(trace, Visit, 7)
    return changed(trace, number, node=replace(event.node, id=first(trace, Visit, 1)[1].node.id))


def _another_tensor(trace: Trace) -> Trace:
    number, event = first(trace, Accumulate)
    return changed(trace, number, tensor=replace(event.tensor, id=event.tensor.id + 1000))


def _another_shape(trace: Trace) -> Trace:
    number, event = first(trace, Accumulate)
    return changed(trace, number, contribution=event.contribution.reshape(1, 3))


def _another_dtype(trace: Trace) -> Trace:
    number, event = first(trace, Accumulate)
    return changed(trace, number, contribution=event.contribution.astype(np.float64))


def _without_grad(trace: Trace) -> Trace:
    number, event = first(trace, Forward, 5)
    return changed(trace, number, outputs=(replace(event.outputs[0], requires_grad=False),))


def _nan(trace: Trace) -> Trace:
    number, event = first(trace, Accumulate)
    return changed(trace, number, contribution=np.full_like(event.contribution, np.nan))


def _other_text(trace: Trace) -> Trace:
    number, _ = first(trace, Printed)
    return changed(trace, number, text="tensor([1., 2., 3.])")


def _shorter(trace: Trace) -> Trace:
    trace.events.pop()
    return trace


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_another_kind, "kind"),
        (_another_line, "line"),
        (_another_node, "node"),
        (_another_node_of_the_name, "node"),
        (_another_tensor, "tensor: which tensor it is"),
        (_another_shape, "shape of the contribution"),
        (_another_dtype, "dtype of the contribution"),
        (_without_grad, "output.requires_grad"),
        (_nan, "contribution (apart by inf)"),
        (_other_text, "printed text"),
        (_shorter, "end"),
    ],
)
def test_a_difference_is_named_with_both_sides_and_the_events_around(
    change: Callable[[Trace], Trace], what: str
) -> None:
    ours, theirs = training(), change(training())
    found = compare(ours, theirs)
    assert found.divergence is not None
    lines = report("training", Verification(ours, theirs, found))
    assert lines[0].startswith("training: DIFFERENT")
    assert any(what in line for line in lines[1:4])
    assert sum(line.startswith("  >") for line in lines) == 2


def test_a_report_of_equal_runs_counts_what_was_compared_and_what_was_not() -> None:
    found = Verification(training(), training(), compare(training(), training()))
    head, compared, left_out = report("training", found)
    assert "the same" in head
    assert "150 visit" in compared
    assert "30 update" in compared
    assert "tensor_created" in left_out


def test_a_result_without_a_node_is_compared_where_a_variable_holds_it() -> None:
    found = compare(traced("import torch\nx = torch.ones(2) * 3\n"), traced("import torch\nx = torch.ones(2) + 3\n"))
    assert found.divergence is not None
    assert found.divergence.ours is not None
    assert found.divergence.ours.name == "x"


def test_gradients_of_gradients_are_compared_by_what_they_lead_to() -> None:
    program = """
import torch
x = torch.tensor(2.0, requires_grad=True)
slope, = torch.autograd.grad(x ** 3, x, create_graph=True)
slope.backward()
"""
    trace = traced(program)
    inner = [e for e in trace.events if isinstance(e, Forward)][1:]
    assert inner
    compared = [item for item in sequence(trace) if item.kind == "forward"]
    assert len(compared) == 1
    found = compare(trace, traced(program))
    assert found.divergence is None
    assert found.agreed["accumulate"] == 1


@pytest.mark.parametrize(
    ("found", "expected", "same"),
    [
        ("tensor(3.)", "tensor(3.)", True),
        ("<A object at 0x1>", "<A object at 0x7f656588520>", True),
        ("loss 1.00000012", "loss 1.00000018", None),
        ("tensor([0.1234])", "tensor([0.1235])", None),
        ("tensor([0.1234])", "tensor([0.1244])", False),
        ("1 of 3", "2 of 3", False),
        ("tensor([1., 2.])", "tensor([1.])", False),
    ],
)
def test_texts_are_equal_near_or_different(found: str, expected: str, same: bool | None) -> None:
    assert same_text(found, expected, 1) is same
