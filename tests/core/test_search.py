"""Search over names, ops and source lines."""

import pytest
from gradb.debug.search import Search
from gradb.scenario.runner import run
from gradb.trace.trace import Trace
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import traces


@pytest.fixture(scope="module")
def trace() -> Trace:
    return run("leaf")


def test_a_name_finds_the_events_that_write_it(trace: Trace) -> None:
    found = [match for match in Search(trace, "w.grad").all() if match.by == "name"]
    assert [match.text for match in found] == ["w.grad"]
    assert trace.events[found[0].event - 1].kind == "accumulate"


def test_an_op_and_its_node_are_found(trace: Trace) -> None:
    found = list(Search(trace, "mul").all())
    assert [m.text for m in found] == ["mul", "AccumulateGrad(b)", "MulBackward0", "AccumulateGrad(w)"]
    assert {m.by for m in found} == {"op"}


def test_a_capital_in_the_text_makes_case_matter(trace: Trace) -> None:
    assert [m.text for m in Search(trace, "Mul").all()] == ["MulBackward0"]


def test_a_line_is_found_where_the_run_comes_to_it(trace: Trace) -> None:
    match = Search(trace, "data").next(0)
    assert match is not None
    assert (match.by, trace.events[match.event - 1].line) == ("line", 4)


def test_nothing_is_found_for_an_empty_or_unknown_text_or_when_cancelled(trace: Trace) -> None:
    assert Search(trace, "").next(0) is None
    assert Search(trace, "zebra").previous(len(trace) + 1) is None
    assert Search(trace, "mul").next(0, cancelled=lambda: True) is None


@settings(max_examples=40)
@given(traces(), st.sampled_from(["t1", "out", "mul", "t2.grad", "Backward"]))
def test_backwards_the_same_events_are_found(trace: Trace, text: str) -> None:
    search = Search(trace, text)
    every = [match.event for match in search.all()]
    at, back = len(trace) + 1, list[int]()
    while (match := search.previous(at)) is not None:
        back.append(at := match.event)
    assert back == every[::-1]
