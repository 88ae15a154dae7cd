"""Running a program again with something changed on the way."""

from typing import Any

import numpy as np
import pytest
from gradb.debug.lockstep import first_divergence
from gradb.errors import UserError
from gradb.scenario.changes import Change, NumberChange, OptionChange, ValueChange
from gradb.scenario.fork import ForkRun, fork
from gradb.scenario.literals import literals, with_names
from gradb.scenario.loader import load_script
from gradb.scenario.runner import run
from gradb.trace.trace import Trace
from small_runs import scenario

PROGRAM = """\
import torch
w = torch.tensor([3.0], requires_grad=True)
lr = 0.1
for step in range(6):
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad * 1.0
    w.grad = None
print(w)
"""
MODULE = """\
import torch
torch.manual_seed(1)
net = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(4):
    loss = (net(torch.ones(1, 1)) - 3).square().sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def forked(at: str, *changes: Change, program: str = PROGRAM) -> tuple[Trace, ForkRun]:
    """The first run, and the fork at an address."""
    of = scenario(program)
    first = run(of)
    fork_run = fork(of, first.locate(at), changes)
    fork_run.run()
    return first, fork_run


def losses(trace: Trace) -> list[float]:
    return [value for _, _, value in trace.losses()]


def values(trace: Trace, name: str) -> Any:
    tensor = trace.lookup(name, len(trace))
    assert tensor is not None
    return trace.value(tensor, len(trace))


def test_a_fork_is_the_first_run_up_to_the_event_and_then_another() -> None:
    first, fork_run = forked("step3/forward/1", ValueChange("w", 1.0))
    found = first_divergence(first, fork_run.trace)
    assert found is not None
    assert fork_run.changed_at is not None
    assert found.event == fork_run.changed_at + 1
    assert fork_run.trace.events[found.event - 1].kind == "update"
    assert losses(first)[:3] == losses(fork_run.trace)[:3]
    assert losses(fork_run.trace)[3] != losses(first)[3]
    assert fork_run.problems == ()


def test_a_fork_without_changes_is_the_same_run() -> None:
    first, fork_run = forked("step3/forward/1")
    assert first_divergence(first, fork_run.trace) is None
    assert fork_run.trace.source == first.source


def test_a_value_may_be_changed_between_forward_and_backward_as_through_data() -> None:
    _, fork_run = forked("step1/forward/3", ValueChange("w", [5.0]))
    assert len(fork_run.trace.of_kind("raised")) == 0
    tensor = fork_run.trace.lookup("w", len(fork_run.trace))
    assert tensor is not None
    grad = fork_run.trace.grad(tensor, fork_run.trace.locate("step1/update/1"))
    assert grad is not None
    assert grad.tolist() == [10.0]


def test_one_element_may_be_changed() -> None:
    program = PROGRAM.replace("[3.0]", "[3.0, 2.0]")
    _, fork_run = forked("step1/forward/1", ValueChange("w", 0.0, element=(1,)), program=program)
    assert fork_run.problems == ()
    assert values(fork_run.trace, "w")[1] == 0.0


@pytest.mark.parametrize(
    "change", [NumberChange(0.0, name="lr"), NumberChange(0.0, line=8), NumberChange(0.0, line=8, old=1.0)]
)
def test_a_number_is_changed_from_the_event_on(change: NumberChange) -> None:
    first, fork_run = forked("step3/forward/1", change)
    assert fork_run.problems == ()
    assert losses(fork_run.trace)[:3] == losses(first)[:3]
    assert losses(fork_run.trace)[3:] == [losses(first)[2]] * 3
    assert fork_run.trace.source == first.source
    assert [e.line for e in fork_run.trace.events[:20]] == [e.line for e in first.events[:20]]


def test_a_number_can_be_changed_before_it_is_assigned() -> None:
    _, fork_run = forked("#1", NumberChange(0.0, name="lr"))
    assert set(losses(fork_run.trace)) == {9.0}


def test_an_optimizers_option_is_changed() -> None:
    first, fork_run = forked("step2/forward/1", OptionChange("lr", 0.0), program=MODULE)
    assert fork_run.problems == ()
    assert losses(fork_run.trace)[1] == losses(first)[1]
    assert losses(fork_run.trace)[2] == losses(first)[1]


def test_a_parameter_of_a_module_is_changed_by_its_path() -> None:
    _, fork_run = forked("step2/forward/1", ValueChange("weight", 0.0), program=MODULE)
    assert fork_run.problems == ()
    update = fork_run.trace.events[(fork_run.changed_at or 0)]
    assert update.kind == "update"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (ValueChange("q", 1.0), "no variable q holds a tensor"),
        (ValueChange("loss", 1.0), "was computed by"),
        (ValueChange("w", [1.0, 2.0]), "does not fit w"),
        (ValueChange("w", 1.0, element=(7,)), "does not fit w"),
        (ValueChange("w", "x"), "does not fit w"),
        (NumberChange(1.0, name="q"), "no variable q"),
        (OptionChange("lr", 1.0), "no optimizer"),
    ],
)
def test_a_change_that_cannot_be_made_is_told_and_the_run_goes_on(change: Change, problem: str) -> None:
    first, fork_run = forked("step3/backward/1", change)
    assert problem in " ".join(fork_run.problems)
    assert first_divergence(first, fork_run.trace) is None


@pytest.mark.parametrize("change", [NumberChange(1.0, line=10), NumberChange(1.0, line=8, old=7.0)])
def test_a_number_that_is_not_there_is_refused_before_the_run(change: NumberChange) -> None:
    with pytest.raises(UserError, match="not clear"):
        fork(scenario(PROGRAM), 5, [change])


def test_an_event_after_which_nothing_begins_changes_nothing() -> None:
    _, fork_run = forked("end", ValueChange("w", 1.0))
    assert fork_run.changed_at is None
    assert "nothing was changed" in fork_run.problems[0]


def test_a_script_of_the_users_own_can_be_forked(tmp_path: Any) -> None:
    path = tmp_path / "script.py"
    path.write_text(PROGRAM)
    of = load_script(path)
    first = run(of)
    fork_run = fork(of, first.locate("step3/forward/1"), [NumberChange(0.0, name="lr")])
    fork_run.run()
    assert losses(fork_run.trace)[3:] == [losses(first)[2]] * 3


def test_literals_know_their_places_and_names() -> None:
    found = literals("é = 1; lr = -0.5\nf(3, x[2])\nprint(f'{4}')\nflag = True\n")
    assert [(one.line, one.column, one.text, one.name) for one in found] == [
        (1, 5, "1", "é"),
        (1, 13, "-0.5", "lr"),
        (2, 3, "3", ""),
        (2, 8, "2", ""),
    ]
    assert literals("not python (") == ()


def test_named_numbers_leave_the_program_as_it_was() -> None:
    source = '"""Doc."""\nfrom __future__ import annotations\nx = 2\ny = x * -3 + 4\n'
    program, names = with_names(source, literals(source))
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    exec(source, before)
    exec(program, after)
    assert before["y"] == after["y"]
    assert len(names) == 3
    assert len(program.splitlines()) == len(source.splitlines())
    assert np.array_equal([before["x"]], [after["x"]])
