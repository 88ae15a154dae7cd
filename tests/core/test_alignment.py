"""Which events of two runs go together, and how those that do differ."""

import numpy as np
import pytest
from gradb.debug.alignment import Alignment, Pair
from gradb.debug.comparing import Comparing, Tolerance
from gradb.debug.run_difference import RunDifference
from gradb.trace.events import Printed, TensorCreated, TensorState
from gradb.trace.trace import Header, Trace
from hypothesis import given
from small_runs import TRAINING as PROGRAM
from small_runs import traced
from synthetic import traces


def changed(old: str, new: str) -> Trace:
    assert old in PROGRAM
    return traced(PROGRAM.replace(old, new))


def difference(left: Trace, right: Trace, tolerance: Tolerance | None = None) -> RunDifference:
    found = RunDifference(Alignment(left, right), tolerance or Tolerance())
    found.find()
    return found


def counts(found: RunDifference) -> tuple[int, int, int, int]:
    return found.same, found.different, found.only_left, found.only_right


# --- which go together


@given(traces(), traces())
def test_every_event_of_both_runs_comes_once_and_in_order(left: Trace, right: Trace) -> None:
    pairs = list(Alignment(left, right).pairs())
    assert [pair.left for pair in pairs if pair.left] == list(range(1, len(left) + 1))
    assert [pair.right for pair in pairs if pair.right] == list(range(1, len(right) + 1))


@given(traces())
def test_the_events_of_a_run_go_together_with_themselves_and_are_equal(trace: Trace) -> None:
    assert list(Alignment(trace, trace).pairs()) == [Pair(n, n) for n in range(1, len(trace) + 1)]
    assert counts(difference(trace, trace)) == (len(trace), 0, 0, 0)


def test_an_inserted_event_in_each_step_shifts_no_other() -> None:
    found = difference(traced(PROGRAM), changed("    loss =", "    extra = w + 1\n    loss ="))
    assert counts(found) == (50, 0, 0, 4)
    assert found.first is not None
    assert (found.first.pair, found.first.before) == (Pair(0, 2), Pair(1, 1))


def test_an_inserted_op_of_the_same_kind_is_told_from_the_others_by_its_line() -> None:
    unnamed = PROGRAM.replace("loss = (w * w)", "loss = (w * w + w * w)")
    right = unnamed.replace("    loss =", "    (w * w).sum()\n    loss =")
    found = difference(traced(unnamed), traced(right))
    assert found.first is not None
    assert found.first.pair == Pair(0, 2)
    assert counts(found)[1:] == (0, 0, 8)


def test_an_inserted_comment_changes_nothing() -> None:
    assert difference(traced(PROGRAM), changed("for", "# a comment\n\nfor")).first is None


def test_more_steps_follow_the_last_one_and_the_end_of_the_program_goes_together() -> None:
    found = difference(traced(PROGRAM), changed("range(4)", "range(6)"))
    assert counts(found) == (50, 0, 0, 24)
    assert found.first is not None
    assert found.first.pair == Pair(0, 50)
    assert counts(difference(changed("range(4)", "range(6)"), traced(PROGRAM))) == (50, 0, 24, 0)


def test_a_second_backward_in_a_step_shifts_no_phase() -> None:
    found = difference(traced(PROGRAM), changed("    loss.backward()", "    loss.backward()\n    (w * 1).backward()"))
    assert counts(found)[2] == 0
    assert counts(found)[3] == 4 * 6


def test_renamed_variables_are_the_same_events_with_another_name() -> None:
    found = difference(traced(PROGRAM), changed("loss", "cost"))
    assert counts(found)[2:] == (0, 0)
    assert found.first is not None
    assert found.first.difference is not None
    assert (found.first.difference.left, found.first.difference.right) == ("loss", "cost")


@pytest.mark.parametrize(
    ("left", "right", "expected"), [("x = 1", "x = 1", (0, 0, 0, 0)), ("x = 1", PROGRAM, (0, 0, 0, 50))]
)
def test_a_run_without_events_goes_together_with_nothing(left: str, right: str, expected: tuple[int, ...]) -> None:
    assert counts(difference(traced(left), traced(right))) == expected


def test_events_here_and_there_in_a_long_phase_are_told_apart_from_the_rest() -> None:
    loop = "import torch\nx = torch.ones(1)\nfor i in range(3000):\n    y = x + 1\n    if i % 500 == 7:\n        {}\n"
    found = difference(traced(loop.format("z = x * 2")), traced(loop.format("pass")))
    assert counts(found) == (3001, 0, 6, 0)


# --- how they differ


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("0.1 * w.grad", "0.2 * w.grad", "mul (0.6 apart)"),
        ("[3.0]", "[3.0, 1.0]", "the shape of w"),
        ("[3.0]", "[3.0], dtype=torch.float64", "the dtype of w"),
        ('"done"', '"over"', "the text"),
        (", requires_grad=True)", ")\nw.requires_grad_()", "requires_grad"),
        ("loss.backward()", "loss.backward(retain_graph=True)", "retain_graph"),
    ],
)
def test_the_first_difference_is_told_with_both_sides(old: str, new: str, what: str) -> None:
    first = difference(traced(PROGRAM), changed(old, new)).first
    assert first is not None
    assert first.difference is not None
    assert first.difference.what == what
    assert first.difference.left != first.difference.right


def test_each_tensor_is_summed_up_by_how_often_and_how_far_it_differs() -> None:
    found = difference(traced(PROGRAM), changed("0.1 * w.grad", "0.2 * w.grad"))
    w = found.tensors["w"]
    assert (w.writes, w.far, w.first) == (5, 4, Pair(12, 12))
    assert w.distance == pytest.approx(0.888, abs=1e-3)
    assert found.tensors["the seed of loss"].far == 0


def test_the_tolerance_is_relative_to_the_largest_number_and_absolute_beside() -> None:
    left, right = traced(PROGRAM), changed("[3.0]", "[3.0001]")
    assert difference(left, right).first is not None
    assert difference(left, right, Tolerance(1e-3, 0.0)).first is None
    assert difference(left, right, Tolerance(0.0, 1e-2)).first is None
    assert difference(left, right, Tolerance(0.0, 1e-5)).first is not None


def _created(*values: float) -> Trace:
    trace = Trace(Header())
    trace.events.append(TensorCreated(1, TensorState(1, np.array(values, np.float32), False), "tensor"))
    trace.bind("x", 1)
    return trace


@pytest.mark.parametrize(
    ("left", "right", "equal"),
    [
        ((np.nan, 1.0), (np.nan, 1.0), True),
        ((np.inf, 1.0), (np.inf, 1.0), True),
        ((np.inf, 1.0), (np.inf, 1.0000001), True),
        ((np.inf, 1.0), (np.inf, 1.1), False),
        ((0.0,), (-0.0,), True),
        ((np.nan,), (1.0,), False),
        ((np.inf,), (-np.inf,), False),
        ((np.inf,), (1.0,), False),
        ((), (), True),
    ],
)
def test_nan_and_infinity_are_equal_to_themselves_alone(
    left: tuple[float, ...], right: tuple[float, ...], equal: bool
) -> None:
    assert (difference(_created(*left), _created(*right)).first is None) is equal


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [("<A object at 0x1>", "<A object at 0x7fab>", True), ("loss 0.1", "loss 0.2", False)],
)
def test_texts_are_equal_but_for_the_addresses_of_objects(one: str, other: str, equal: bool) -> None:
    left, right = Trace(Header()), Trace(Header())
    left.events.append(Printed(1, one))
    right.events.append(Printed(1, other))
    found = Comparing(Alignment(left, right), Tolerance()).compare(Pair(1, 1))
    assert (found.difference is None) is equal
