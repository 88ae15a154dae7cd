"""Where breakpoints stop, forwards and backwards."""

import pytest
from gradb.debug.breakpoint import Breakpoint, parse_breakpoint
from gradb.debug.breakpoints import Breakpoints, Direction
from gradb.debug.stopping import hits
from gradb.debug.walking import phase_starts
from gradb.errors import UserError
from gradb.trace.trace import Trace
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import traced
from synthetic import traces

PROGRAM = """\
import torch
w = torch.tensor([3.0, -4.0], requires_grad=True)
b = torch.tensor(0.5, requires_grad=True)
for step in range(5):
    y = w * w
    loss = y.sum() + b
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
"""


@pytest.fixture(scope="module")
def trace() -> Trace:
    return traced(PROGRAM)


def stops(trace: Trace, text: str, direction: Direction = "forward") -> list[int]:
    """Every stop of one breakpoint, in the order of the walk."""
    breakpoints = Breakpoints()
    breakpoints.add(text, trace)
    at, found = (0 if direction == "forward" else len(trace) + 1), list[int]()
    while (stop := breakpoints.next(trace, at, direction)) is not None:
        found.append(stop.event)
        at = stop.event
    return found


TEXTS = [
    "line 6", "7", "MulBackward0", "AccumulateGrad(w)", "op mul", "mul", "w", "w.grad", "loss", "kind accumulate",
    "update", "w.grad.norm() > 5", "b.grad is None", "step == 3", "nan_or_inf", "exploding(6)", "w if step > 2",
    "phase == 'backward'", "kind == 'visit' and op == 'SumBackward0'", "line 6 if w.norm() < 3", "value y",
    "line == 6",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_backwards_a_breakpoint_stops_where_it_stops_forwards(trace: Trace, text: str) -> None:
    assert stops(trace, text, "backward") == stops(trace, text)[::-1]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("line 6", 5), ("MulBackward0", 5), ("AccumulateGrad(w)", 5), ("w", 6), ("w.grad", 10), ("kind accumulate", 10),
        ("loss", 5), ("step == 3", 1), ("nan_or_inf", 0), ("w if step > 2", 3), ("b.grad is None", 1), ("op mul", 10),
        ("phase == 'backward'", 5), ("w.grad is None", 6), ("line 6 if step == 4", 1),
    ],
)  # fmt: skip
def test_these_stop_so_often(trace: Trace, text: str, count: int) -> None:
    assert len(stops(trace, text)) == count


def test_a_line_stops_once_for_each_time_it_is_reached(trace: Trace) -> None:
    for number in stops(trace, "line 7"):
        assert trace.events[number - 1].kind == "backward_started"


def test_a_condition_on_a_gradient_is_tested_where_it_is_written(trace: Trace) -> None:
    assert {trace.events[n - 1].kind for n in stops(trace, "w.grad.norm() > 5")} == {"accumulate"}


def test_a_rebound_variable_is_followed_to_each_of_its_tensors(trace: Trace) -> None:
    assert [trace.step_of(n) for n in stops(trace, "y")] == [1, 2, 3, 4, 5]
    assert all(trace.events[n - 1].line == 5 for n in stops(trace, "y"))


def test_the_nearest_of_several_stops_and_all_that_are_there_are_named(trace: Trace) -> None:
    breakpoints = Breakpoints()
    for text in ("w.grad", "kind accumulate", "step == 5"):
        breakpoints.add(text, trace)
    stop = breakpoints.next(trace, trace.locate("step1/backward/1"))
    assert stop is not None
    assert trace.events[stop.event - 1].kind == "accumulate"
    second = breakpoints.next(trace, stop.event)
    assert second is not None
    assert {one.number for one in (*stop.breakpoints, *second.breakpoints)} == {1, 2}


def test_ignored_hits_are_passed_over_and_counted(trace: Trace) -> None:
    breakpoints = Breakpoints()
    one = breakpoints.add("MulBackward0", trace, ignore=2)
    stop = breakpoints.next(trace, 0)
    assert stop is not None
    assert trace.step_of(stop.event) == 3
    assert (breakpoints.get(one.number).ignore, breakpoints.get(one.number).hits) == (0, 3)


def test_what_lies_behind_the_stop_is_not_counted(trace: Trace) -> None:
    breakpoints = Breakpoints()
    ignoring = breakpoints.add("MulBackward0", trace, ignore=4)
    breakpoints.add("step == 2", trace)
    breakpoints.next(trace, 0)
    assert (breakpoints.get(ignoring.number).ignore, breakpoints.get(ignoring.number).hits) == (3, 1)


def test_a_temporary_breakpoint_stops_once(trace: Trace) -> None:
    breakpoints = Breakpoints()
    breakpoints.add("line 6", trace, temporary=True)
    stop = breakpoints.next(trace, 0)
    assert stop is not None
    assert len(breakpoints) == 0


def test_a_disabled_breakpoint_does_not_stop(trace: Trace) -> None:
    breakpoints = Breakpoints()
    one = breakpoints.add("line 6", trace)
    breakpoints.enable(one.number, False)
    assert breakpoints.next(trace, 0) is None
    assert breakpoints.lines() == frozenset()


def test_a_condition_can_be_given_later_and_taken_away(trace: Trace) -> None:
    breakpoints = Breakpoints()
    one = breakpoints.add("line 6", trace)
    breakpoints.condition(one.number, "step == 4")
    stop = breakpoints.next(trace, 0)
    assert stop is not None
    assert trace.step_of(stop.event) == 4
    assert breakpoints.condition(one.number, "").text == "line 6"


def test_a_line_is_toggled(trace: Trace) -> None:
    breakpoints = Breakpoints()
    assert breakpoints.toggle_line(6) is not None
    assert breakpoints.lines() == {6}
    assert breakpoints.toggle_line(6) is None
    assert breakpoints.next(trace, 0) is None


def test_a_cancelled_search_changes_nothing(trace: Trace) -> None:
    breakpoints = Breakpoints()
    one = breakpoints.add("MulBackward0", trace, ignore=2)
    assert breakpoints.next(trace, 0, cancelled=lambda: True) is None
    assert breakpoints.get(one.number) == one


def test_a_number_is_not_used_again_and_an_unknown_one_is_refused() -> None:
    breakpoints = Breakpoints()
    first = breakpoints.add("line 1")
    breakpoints.remove(first.number)
    assert breakpoints.add("line 2").number == 2
    with pytest.raises(UserError, match="no breakpoint 1"):
        breakpoints.remove(1)


@pytest.mark.parametrize("text", TEXTS)
def test_a_breakpoint_survives_as_plain_data_and_as_text(text: str) -> None:
    breakpoints = Breakpoints()
    one = breakpoints.add(text)
    assert parse_breakpoint(one.text) == parse_breakpoint(text)
    assert list(Breakpoints.from_plain(breakpoints.to_plain())) == [one]


@pytest.mark.parametrize(
    "data", [3, [{"kind": "line"}], [{"kind": "line", "target": "x"}], [{"kind": "condition", "target": "w >"}]]
)
def test_plain_data_of_something_else_is_refused(data: object) -> None:
    with pytest.raises(UserError):
        Breakpoints.from_plain(data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nan_or_inf", Breakpoint("condition", "nan_or_inf")),
        ("line 12", Breakpoint("line", "12")),
        ("MulBackward0", Breakpoint("node", "MulBackward0")),
        ("w.grad", Breakpoint("grad", "w")),
        ("w", Breakpoint("name", "w")),
        ("0.weight.grad", Breakpoint("grad", "0.weight")),
        ("kind accumulate", Breakpoint("kind", "accumulate")),
        ("w.grad.norm() > 10", Breakpoint("condition", "w.grad.norm() > 10")),
        ("watch w", Breakpoint("value", "w")),
        ("line 3 if step > 2", Breakpoint("line", "3", "step > 2")),
    ],
)
def test_a_text_is_read_as_people_mean_it(text: str, expected: Breakpoint) -> None:
    assert parse_breakpoint(text) == expected


@pytest.mark.parametrize(
    "text", ["", "kind acumulate", "w >", "line 3 if w >", "exploding(-1)", "w + if step > 2", "import os"]
)
def test_a_text_that_says_nothing_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(UserError) as error:
        parse_breakpoint(text)
    assert error.value.allowed


@pytest.mark.parametrize("text", ["q", "q.grad", "line 99", "q > 1", "w if q > 1"])
def test_names_and_lines_that_a_run_does_not_have_are_refused(trace: Trace, text: str) -> None:
    with pytest.raises(UserError):
        Breakpoints().add(text, trace)


@settings(max_examples=60)
@given(
    traces(),
    st.sampled_from(
        ["t1", "t2.grad", "out", "kind forward", "line 3", "step == 2", "t1 > 2", "MulBackward0", "phase == 'update'"]
    ),
)
def test_on_any_trace_backwards_is_forwards_reversed_from_every_moment(trace: Trace, text: str) -> None:
    one = parse_breakpoint(text)
    every = [n for n, _ in hits(trace, one, 0, True)]
    assert [n for n, _ in hits(trace, one, len(trace) + 1, False)] == every[::-1]
    assert every == sorted(set(every))
    for at in range(0, len(trace) + 1, 7):
        assert [n for n, _ in hits(trace, one, at, True)] == [n for n in every if n > at]
        assert [n for n, _ in hits(trace, one, at, False)] == [n for n in every if n < at][::-1]


@settings(max_examples=30)
@given(traces())
def test_phases_start_where_the_spans_say(trace: Trace) -> None:
    starts = [first for step in range(1, trace.steps + 1) for _, first, _ in trace.phase_spans(step)]
    assert list(phase_starts(trace, 0, True)) == starts
    assert list(phase_starts(trace, len(trace) + 1, False)) == starts[::-1]
