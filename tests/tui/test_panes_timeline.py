"""The timeline's rows: as wide as they may be, one cursor, phases told by their signs."""

import pytest
from gradb.trace.loops import Turn
from gradb.trace.trace import Trace
from gradb_tui.panes.timeline import Scale, run_row, step_row
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import Draw, build


@given(st.integers(1, 500), st.integers(0, 400), st.integers(1, 300), st.sampled_from([0, 1, 3]))
def test_the_cell_of_an_event_leads_back_to_it_or_to_the_first_in_that_cell(
    first: int, more: int, cells: int, each: int
) -> None:
    scale = Scale(first, first + more, cells, each if (more + 1) * each <= cells else 0)
    assert scale.cell(first) == 0
    assert scale.cell(scale.last) < cells
    for number in (first, first + more // 2, first + more):
        assert 0 <= scale.cell(number) < cells
        found = scale.event(scale.cell(number))
        assert found <= number
        assert scale.cell(found) == scale.cell(number)


@settings(deadline=None)
@given(st.integers(1, 900), st.integers(40, 200))
def test_rows_fill_the_width_and_show_one_cursor(
    leaf_trace: Trace, regression_trace: Trace, number: int, width: int
) -> None:
    for trace in (leaf_trace, regression_trace):
        at = min(number, len(trace))
        for made in (run_row(trace, at, width), step_row(trace, at, width)):
            assert len(made.text) == width
            assert sum(role == "now" for _, role in made.spans) == 1


def test_the_step_shows_its_events_by_phase(leaf_trace: Trace) -> None:
    cells = step_row(leaf_trace, 9, 80).text[6:60]
    assert cells.replace(" ", "") == "▸" * 5 + "◂" * 8 + "◆"


@pytest.mark.parametrize("width", range(30))
def test_no_width_is_too_small(leaf_trace: Trace, regression_trace: Trace, width: int) -> None:
    for trace in (leaf_trace, regression_trace):
        run_row(trace, 3, width)
        step_row(trace, 3, width)


def regression(steps: int) -> Trace:
    """A run of some steps."""
    step: list[Draw] = [("forward", 1, 2, 1.0), ("backward", 1, 3, 0.0), ("update", 1, 4, 1.0), ("zero", 1, 5, 0.0)]
    return build(step * steps)


def nested(trace: Trace, inner: int) -> Trace:
    """Says of a run that its steps were the turns of two loops, `inner` batches in each epoch."""
    for step, number in enumerate(trace.of_kind("backward_started")):
        epoch, batch = divmod(step, inner)
        first = trace.step_span(epoch * inner + 1)[0]
        turns = (Turn("epoch", epoch + 1, first), Turn("batch", batch + 1, trace.step_span(step + 1)[0]))
        trace.turns.append((number, turns))
    return trace


def test_the_borders_of_epochs_show_and_the_turns_are_told_in_words() -> None:
    trace = nested(regression(12), 4)
    at = trace.locate("epoch 2")
    assert at == trace.step_span(5)[0]
    made = run_row(trace, at, 120).text
    assert made.endswith(" step 5 of 13 · epoch 2 · batch 1")
    assert (made.count("╋"), made.count("┼")) == (0, 1)  # the first epoch begins the bar, the cursor is on the second
    assert run_row(trace, len(trace), 120).text.count("╋") == 2
    assert run_row(trace, at, 40).text.endswith(" step 5 of 13")


def test_one_loop_whose_turns_are_the_steps_is_not_told_twice() -> None:
    trace = regression(3)
    for step, number in enumerate(trace.of_kind("backward_started"), 1):
        trace.turns.append((number, (Turn("epoch", step, trace.step_span(step)[0]),)))
    assert run_row(trace, trace.locate("epoch 2"), 120).text.endswith(" step 2 of 4")
