"""Changes as a user writes them, and which events of a run and its fork go together."""

import re

import pytest
from gradb.debug.pairing import Pairing
from gradb.errors import UserError
from gradb.scenario.changes import NumberChange, OptionChange, ValueChange
from gradb.scenario.fork import ForkRun, fork
from gradb.scenario.runner import run
from gradb.scenario.setting import fork_point, read_changes, targets
from gradb.trace.trace import Trace
from small_runs import scenario

BY_HAND = """\
import torch
w = torch.tensor([3.0, 2.0], requires_grad=True)
x = torch.ones(30)
lr = 0.1
half = 1 / 2
for step in range(6):
    loss = (w * w).sum() * 1.5
    loss.backward()
    with torch.no_grad():
        w -= lr * w.grad * half
    w.grad = None
"""
OPTIMIZER = """\
import torch
torch.manual_seed(1)
net = torch.nn.Linear(1, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.5)
for step in range(4):
    loss = (net(torch.ones(1, 1)) - 3).square().sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def test_a_parameter_is_offered_once_whatever_modules_name_it() -> None:
    program = """\
import torch
net = torch.nn.Sequential(torch.nn.Linear(1, 1))
net(torch.ones(1, 1)).sum().backward()
"""
    trace = run(scenario(program))
    assert [target.name for target in targets(trace, len(trace))] == ["0.weight", "0.bias"]


@pytest.fixture(scope="module")
def by_hand() -> Trace:
    return run(scenario(BY_HAND))


@pytest.fixture(scope="module")
def with_optimizer() -> Trace:
    return run(scenario(OPTIMIZER))


def forked(program: str, address: str, text: str) -> tuple[Trace, ForkRun, Pairing]:
    of = scenario(program)
    first = run(of)
    found = read_changes(text, first, first.locate(address))
    at = fork_point(found, first, first.locate(address))
    other = fork(of, at, [change for one in found for change in one.changes])
    other.run()
    assert other.changed_at is not None
    return first, other, Pairing(first, other.trace, other.changed_at, other.inserted)


def test_a_line_may_set_values_elements_and_numbers(by_hand: Trace) -> None:
    found = read_changes(
        "w = [1, 0]; w[1] = -2; lr = 5e-2; line 7: 1.5 = 2; x[3]=nan", by_hand, by_hand.locate("step2")
    )
    assert [one.changes for one in found[:4]] == [
        (ValueChange("w", [1, 0]),),
        (ValueChange("w", -2, (1,)),),
        (NumberChange(0.05, name="lr"),),
        (NumberChange(2, line=7, old=1.5),),
    ]
    assert [str(one) for one in found[2:]] == ["lr: 0.1 → 0.05", "line 7: 1.5 → 2", "x[3]: 1 → nan"]
    assert read_changes("half = 1", by_hand, 5)[0].changes == (NumberChange(1, name="half"),)


def test_the_option_of_an_optimizer_is_set_with_the_number_it_was_made_from(with_optimizer: Trace) -> None:
    found = read_changes("lr = 0.5", with_optimizer, 3)[0]
    assert found.changes == (NumberChange(0.5, line=4, old=0.1), OptionChange("lr", 0.5))
    for address in ("#1", "step1/forward/3", "step2/forward/1"):
        first, other, _ = forked(OPTIMIZER, address, "lr = 0.5")
        assert other.problems == ()
        assert [value for *_, value in other.trace.losses()] != [value for *_, value in first.losses()]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "nothing is set"),
        ("w", "'w' sets nothing"),
        ("w = ", "sets nothing"),
        ("q = 1", "q is no leaf"),
        ("loss = 1", "loss exists only later"),
        ("w = fast", "'fast' is no number"),
        ("w = [1, 2, 3]", "does not fit w"),
        ("w[7] = 1", "does not fit w"),
        ("w[a] = 1", "names no element"),
        ("lr = [1]", "lr is a number"),
        ("lr = true", "'true' is no number"),
        ("line 7: 9 = 1", "line 7 has no number 9"),
        ("line 99: 9 = 1", "line 99 has no number 9"),
    ],
)
def test_what_cannot_be_set_is_refused_with_what_can(by_hand: Trace, text: str, problem: str) -> None:
    with pytest.raises(UserError, match=re.escape(problem)) as error:
        read_changes(text, by_hand, 3)
    assert error.value.allowed


@pytest.mark.parametrize(
    ("address", "text"),
    [("#1", "line 2: 2.0 = 9"), ("#2", "line 3: 30 = 7"), ("#1", "line 2: 2.0 = nan"), ("#1", "line 2: 2.0 = -1")],
)
def test_a_number_of_the_line_that_runs_is_set_before_it_runs(address: str, text: str) -> None:
    first, other, pairing = forked(BY_HAND, address, text)
    assert other.problems == ()
    found = pairing.first_divergence()
    assert found is not None
    assert found.event == int(text[5]) - 1
    assert other.trace.source == first.source


def test_what_an_op_computed_is_refused_with_the_leaves(by_hand: Trace) -> None:
    with pytest.raises(UserError, match="computed by MulBackward0") as error:
        read_changes("loss = 1", by_hand, len(by_hand))
    assert error.value.allowed == "w"


def test_the_selection_and_the_line_come_first_among_what_can_be_set(by_hand: Trace, with_optimizer: Trace) -> None:
    names = [one.name for one in targets(by_hand, len(by_hand), 7, "w", (1,))]
    assert names[:4] == ["w[1]", "w", "line 7: 1.5", "lr"]
    assert names[-1] == "x[0]"
    assert [one.text for one in targets(by_hand, 1)] == ["lr = 0.1", "w = [3.0, 2.0]"]
    texts = [one.text for one in targets(with_optimizer, 4, 4)]
    assert texts[:2] == ["lr = 0.1", "momentum = 0.5"]
    for one in texts:
        assert read_changes(one, with_optimizer, 4)


def test_events_of_one_address_go_together_though_the_fork_has_one_more() -> None:
    first, other, pairing = forked(BY_HAND, "step3/forward/1", "w = [1, 1]")
    assert other.inserted == 1
    for number in range(1, len(first) + 1):
        there = pairing.right_of(number)
        assert pairing.left_of(there) == number
        assert other.trace.events[there - 1].kind == first.events[number - 1].kind
        assert other.trace.events[there - 1].line == first.events[number - 1].line
    changed_at = other.changed_at or 0
    assert pairing.left_of(changed_at + 1) == changed_at
    found = pairing.first_divergence()
    assert found is not None
    assert found.event > changed_at
    assert pairing.difference(found.event) == found
    assert pairing.difference(changed_at) is None


def test_a_run_that_ends_sooner_is_paired_to_its_end() -> None:
    first, other, pairing = forked(BY_HAND, "step3/forward/1", "line 6: 6 = 6")
    assert other.inserted == 0
    assert pairing.first_divergence() is None
    shorter = Pairing(first, run(scenario(BY_HAND.replace("range(6)", "range(4)"))), 3)
    assert shorter.right_of(len(first)) == len(shorter.right)
    assert shorter.right_of(first.locate("step4/backward/2")) == shorter.right.locate("step4/backward/2")


def test_a_program_that_is_not_the_same_each_time_is_told_from_its_change() -> None:
    first = run(scenario(BY_HAND))
    other = run(scenario(BY_HAND.replace("3.0", "4.0")))
    found = Pairing(first, other, 20).first_divergence()
    assert found is not None
    assert found.event == 1


HUGE = "9" * 400
NASTY = (
    "10**9", HUGE, f"-{HUGE}", "9" * 5000, "1e400", "-1e400", "nan", "-inf", "True", "1j", "'a'", "None", "[1, 'a']",
    f"[{HUGE}, 1]", "[1e400, 1]", "[" * 200 + "]" * 200, "[" * 3000 + "]" * 3000, "[" + "1," * 10_000 + "]", "()",
    "__import__('os').system('id')", "lambda: 1", "lr", "{1: 2}", "b'x'", "= 3", "3 # c", "3\n4", "\x00", "1\x1b[31m",
    "4294967296", "9" * 30, "[[]]",
)  # fmt: skip
NAMES = (
    "w", "w[0]", "w[99999999999999999999]", "w[-1]", "w[]", "w[a]", "counts", "counts[0]", "flag", "lr", "line 6: 3",
    "line 999999999: 1", "torch", "__builtins__", "loss", "w.grad", "", "w[0][1]", "a b", "\x1b[31m",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_whatever_is_set_to_whatever_is_a_change_or_one_error_of_a_few_lines(name: str) -> None:
    program = """\
import torch
w = torch.ones(2, requires_grad=True)
counts = torch.tensor([1, 2])
flag = torch.tensor(True)
lr = 0.1
for i in range(3):
    loss = (w * counts).sum() * lr
    loss.backward()
"""
    of = scenario(program)
    trace = run(of)
    at = trace.locate("step2")
    told: list[str] = []
    for value in NASTY:
        try:
            found = read_changes(f"{name} = {value}", trace, at)
            told += map(str, found)
            other = fork(of, fork_point(found, trace, at), [change for one in found for change in one.changes])
            other.run()
        except UserError as error:
            told.append(str(error))
    assert max(map(len, told)) < 500
