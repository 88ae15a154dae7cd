"""Conditions on moments of a run."""

import math
from contextlib import suppress

import gradb as torch
import pytest
from gradb.debug.builtin_conditions import RULES, BuiltIn
from gradb.debug.conditions import Expression, Reading, parse_condition
from gradb.errors import UserError
from gradb.trace.trace import Trace
from hypothesis import given
from hypothesis import strategies as st
from small_runs import traced

PROGRAM = """\
import torch
w = torch.tensor([3.0, -4.0], requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
m = torch.ones(2, 3)
for step in range(3):
    loss = (w * w).sum() + b
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
"""


@pytest.fixture(scope="module")
def trace() -> Trace:
    return traced(PROGRAM)


@pytest.fixture(scope="module")
def small() -> Trace:
    return traced("import torch\nw = torch.ones(2, requires_grad=True)\nb = w * 2\nb.sum().backward()\n")


def holds(text: str, trace: Trace, at: int | str = "step1/update/1") -> bool:
    moment = at if isinstance(at, int) else trace.locate(at)
    return parse_condition(text).test(trace, moment).holds


@pytest.mark.parametrize(
    "text",
    [
        "w.grad.norm() > 9.99", "w.norm() == 5", "w.grad.norm() / w.norm() == 2", "b.grad is not None", "b.grad == 1",
        "loss == 25.5", "loss.item() - 0.5 == 25", "not loss.isnan()", "w.abs().max() == 4", "w.min() < 0 < w.max()",
        "w.mean() == -0.5 and w.sum() == -1", "w.shape == (2,)", "m.shape == [2, 3]", "m.shape[1] == 3", "w[1] == -4",
        "m[0, 2] == 1", "step == 1", "line == 8 or line == 9", "phase == 'update'", "w > 2", "(w > -9).all()",
        "m.grad is None",
        "kind == 'forward' and op == 'mul'", "w.requires_grad and w.is_leaf", "-w.min() == 4", "w.numel() == 2",
        "w.max() ** 2 == 9 and 7 // 2 == 3 and 7 % 4 == 3", "'w'.grad.norm() > 1", "w.isfinite().all()",
    ],
)  # fmt: skip
def test_these_hold_after_the_first_backward(trace: Trace, text: str) -> None:
    assert holds(text, trace)


@pytest.mark.parametrize(
    "text", ["w.grad.norm() > 11", "b.grad is None", "loss.isnan()", "step == 2", "w > 3", "op == 'add'"]
)
def test_these_do_not(trace: Trace, text: str) -> None:
    assert not holds(text, trace)


@pytest.mark.parametrize(
    "text", ["loss > 0", "not loss > 0", "loss.grad is None", "w.grad.norm() > 0", "not w.grad > 0"]
)
def test_what_is_not_known_yet_does_not_hold_nor_does_its_opposite(trace: Trace, text: str) -> None:
    assert not holds(text, trace, 1)


def test_a_known_part_decides_an_or_beside_an_unknown_one(trace: Trace) -> None:
    assert holds("loss > 0 or w.norm() == 5", trace, 1)
    assert not holds("loss > 0 and w.norm() == 5", trace, 1)


def test_an_outcome_shows_the_values(trace: Trace) -> None:
    outcome = parse_condition("w.grad.norm() > 10 or step == 2").test(trace, trace.locate("step1/update/1"))
    assert outcome.actual == "w.grad = [6, -8], w.grad.norm() = 10, step = 1"


def test_a_condition_knows_what_it_reads() -> None:
    condition = parse_condition("w.grad.norm() > 10 and net.fc.weight.max() < 1 and step > 2")
    assert isinstance(condition, Expression)
    assert set(condition.readings) == {Reading("w", "grad"), Reading("net.fc.weight", "value")}
    assert condition.words == {"step"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("0.weight.grad.norm() > 1", "0.weight"),
        ("net.0.weight > 1", "net.0.weight"),
        ("'net.0.weight' .abs().max() > 1", "net.0.weight"),
        ("layers.1.block.2.bias > 1.5", "layers.1.block.2.bias"),
    ],
)
def test_names_with_numbers_in_them_can_be_written(text: str, name: str) -> None:
    condition = parse_condition(text)
    assert isinstance(condition, Expression)
    assert [reading.name for reading in condition.readings] == [name]


def test_a_number_with_an_exponent_is_not_taken_for_a_name() -> None:
    condition = parse_condition("w > 1.e5 + 2.5")
    assert isinstance(condition, Expression)
    assert [reading.name for reading in condition.readings] == ["w"]


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("w.grad.nrom() > 1", 1, r"did you mean .norm()"),
        ("w > ", 5, "no condition"),
        ("w.norm(2) > 1", 1, "takes no arguments"),
        ("1 < open('x')", 5, "not allowed"),
        ("w is b", 6, "None only"),
        ("step == 1 and (lambda: 1)", 16, "not allowed"),
        ("w in b", 1, "not allowed"),
        ("0.weight.grad.foo() > 1", 1, "not allowed"),
        ("w > 0 and [x for x in w]", 11, "not allowed"),
        ("f'{w}' == 1", 1, "not allowed"),
        ("(w := 3) > 1", 2, "not allowed"),
    ],
)
def test_what_is_not_allowed_is_refused_with_its_column(text: str, column: int, what: str) -> None:
    with pytest.raises(UserError) as error:
        parse_condition(text)
    assert what in error.value.what
    assert error.value.where.endswith(f"column {column}")
    assert ".norm()" in error.value.allowed


@pytest.mark.parametrize(
    "text", ["w + m > 1", "w[5] > 1", "w.item() > 1", "w[0.5] == 1", "kind > 1", "w == 'x'", "kind + 1 > 0"]
)
def test_types_and_shapes_that_do_not_fit_are_told(trace: Trace, text: str) -> None:
    with pytest.raises(UserError, match="condition"):
        holds(text, trace)


def test_arithmetic_may_not_make_huge_tensors() -> None:
    with torch.record() as trace:
        a = torch.zeros(5000, 1)
        b = torch.zeros(1, 5000)
    assert a.shape != b.shape
    with pytest.raises(UserError, match="25000000 elements"):
        holds("a + b > 0", trace, 2)


@pytest.mark.parametrize(
    "text", ["(" * 300 + "1" + ")" * 300, "9**9**9**9 > 1", "1" * 600, "w" + ".a" * 240, "not " * 120 + "w"]
)
def test_long_and_deep_texts_end_soon(trace: Trace, text: str) -> None:
    with suppress(UserError):
        holds(text, trace)


def test_a_variable_that_never_is_is_a_mistake(trace: Trace) -> None:
    condition = parse_condition("wigth.norm() > 1 or w > 1")
    assert isinstance(condition, Expression)
    with pytest.raises(UserError, match="no tensor is ever called 'wigth'"):
        condition.check(trace)
    good = parse_condition("w > 1")
    assert isinstance(good, Expression)
    good.check(trace)


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_a_users_mistake(text: str) -> None:
    with suppress(UserError):
        parse_condition(text)


@given(
    st.lists(
        st.sampled_from(
            ["w", "b", ".grad", ".norm()", " > ", "1", " and ", "not ", "(", ")", " is None", "[0]", "-", "step"]
        ),
        max_size=12,
    )
)
def test_what_can_be_read_can_be_tested(small: Trace, parts: list[str]) -> None:
    with suppress(UserError):
        condition = parse_condition("".join(parts))
        for at in range(len(small) + 1):
            condition.test(small, at)


# --- built in


def found(text: str, trace: Trace) -> list[int]:
    condition = parse_condition(text)
    return [n for n in range(1, len(trace) + 1) if condition.test(trace, n).holds]


def test_nan_or_inf_tells_where_the_first_one_was_made() -> None:
    trace = traced(
        "import torch\nw = torch.tensor([0.0, 1.0], requires_grad=True)\ny = w.log()\nz = (y * 0).sum()\nz.backward()\n"
    )
    condition = parse_condition("has_inf_or_nan")
    first = found("nan_or_inf", trace)[0]
    assert trace.events[first - 1].line == 3
    outcome = condition.test(trace, first)
    assert str(outcome) == "y: 0 NaN, 1 Inf of 2, the first at [0] (stops at any NaN or Inf)"


def test_thresholds_stand_beside_the_actual_values(trace: Trace) -> None:
    visits = found("exploding(9)", trace)
    outcome = parse_condition("exploding(9)").test(trace, visits[0])
    assert (outcome.actual, outcome.threshold, outcome.what) == ("norm 10", "stops above 9", "∂L/∂w")
    assert found("exploding", trace) == []


def test_vanishing_leaves_zeros_to_all_zero() -> None:
    trace = traced(
        "import torch\nw = torch.tensor([-1.0], requires_grad=True)\n(w.relu() * 1).backward()\n(w * 1e-9).backward()\n"
    )
    small = found("vanishing", trace)
    assert {trace.events[n - 1].line for n in small} == {4}
    assert {trace.events[n - 1].line for n in found("all_zero", trace)} == {3}


def test_unchanged_is_an_update_that_moves_nothing() -> None:
    trace = traced(
        "import torch\nw = torch.tensor([1.0], requires_grad=True)\n(w * 1).backward()\n"
        "with torch.no_grad():\n    w -= 1e-9 * w.grad\n    w -= 0.1 * w.grad\n"
    )
    assert [trace.events[n - 1].line for n in found("unchanged", trace)] == [5]


def test_a_built_in_condition_looks_only_at_what_the_event_wrote(trace: Trace) -> None:
    for name in RULES:
        outcome = parse_condition(name).test(trace, trace.locate("end"))
        assert isinstance(outcome.holds, bool)
    assert not parse_condition("nan_or_inf").test(trace, 0).holds


@pytest.mark.parametrize("text", ["nan_or_inf(3)", "exploding(-1)", "exploding(x)", "exploding()"])
def test_a_threshold_must_be_a_number_and_have_a_place(text: str) -> None:
    with pytest.raises(UserError) as error:
        parse_condition(text)
    assert error.value.allowed


def test_a_threshold_is_a_part_of_the_text() -> None:
    condition = parse_condition(" exploding( 1e2 ) ")
    assert condition == BuiltIn("exploding", 100.0)
    assert condition.text == "exploding(100)"
    assert parse_condition("exploding").text == "exploding"
    assert math.isclose(parse_condition("vanishing").threshold, 1e-7)  # type: ignore[union-attr]
