"""The cursor: what goes forward comes back, and every answer is what a plain replay of the events gives."""

from typing import Any

import numpy as np
import pytest
from gradb.trace.address import AddressError
from gradb.trace.events import (
    Accumulate,
    Event,
    Forward,
    RequiresGrad,
    TensorCreated,
    TensorState,
    Update,
    ZeroGrad,
)
from gradb.trace.trace import Header, Trace
from gradb.trace.writes import Cell
from hypothesis import given
from hypothesis import strategies as st
from synthetic import GRAD_BASE, build, traces

FORWARD_AND_BACK = [
    ("step", "back"),
    ("next_node", "previous_node"),
    ("next_step", "previous_step"),
    ("end_of_phase", "start_of_phase"),
]


class Replay:
    """What a debugger without an index would do: apply the events one by one up to a moment."""

    def __init__(self, events: list[Event]) -> None:
        self.states: dict[int, TensorState] = {}
        self.grads: dict[int, TensorState | None] = {}
        self.writers: dict[Cell, int] = {}
        for number, event in enumerate(events, start=1):
            self.apply(number, event)

    def apply(self, number: int, event: Event) -> None:
        match event:
            case TensorCreated():
                self.put(number, event.tensor)
            case RequiresGrad():
                self.states[event.tensor.id] = event.tensor
            case Forward():
                for state in event.outputs:
                    self.put(number, state)
            case Update():
                self.put(number, event.tensor)
            case Accumulate() | ZeroGrad():
                self.grads[event.tensor.id] = event.grad
                self.writers[Cell(event.tensor.id, "grad")] = number
                if event.grad is not None:
                    self.put(number, event.grad)
            case _:
                pass

    def put(self, number: int, state: TensorState) -> None:
        self.states[state.id] = state
        self.writers[Cell(state.id)] = number


@given(traces(), st.data())
def test_every_query_equals_a_plain_replay_of_the_events_up_to_there(trace: Trace, data: Any) -> None:
    at = data.draw(st.integers(0, len(trace)))
    replay = Replay(trace.events[:at])
    for tensor_id in [*range(1, 6), *range(GRAD_BASE + 1, GRAD_BASE + 6), *range(1001, 1001 + at)]:
        assert trace.state(tensor_id, at) is replay.states.get(tensor_id)
        assert trace.grad_state(tensor_id, at) is replay.grads.get(tensor_id)
        for cell in (Cell(tensor_id), Cell(tensor_id, "grad")):
            assert trace.last_write(cell, at) == replay.writers.get(cell)
            later = Replay(trace.events).writers.get(cell)
            assert (trace.next_write(cell, at) is None) == (later is None or later <= at)


@given(traces())
def test_a_trace_that_grows_answers_as_the_finished_one(trace: Trace) -> None:
    growing = Trace(trace.header)
    growing.cuts.extend(trace.cuts)
    for event in trace.events:
        growing.events.append(event)
        growing.state(1, len(growing))
        growing.address(len(growing))
    for number in range(1, len(trace) + 1):
        assert growing.address(number) == trace.address(number)
        assert growing.state(1, number) is trace.state(1, number)


@given(traces(), st.data())
@pytest.mark.parametrize(("forward", "back"), FORWARD_AND_BACK)
def test_as_many_moves_back_as_forward_end_at_the_start(forward: str, back: str, trace: Trace, data: Any) -> None:
    timeline = trace.timeline()
    visited = [timeline.at]
    for _ in range(data.draw(st.integers(0, 30))):
        if not getattr(timeline, forward)():
            break
        assert timeline.at > visited[-1]
        visited.append(timeline.at)
    if forward == "step":
        for expected in reversed(visited[:-1]):
            assert timeline.back()
            assert timeline.at == expected
    while getattr(timeline, back)():
        pass
    if forward != "next_node":
        assert timeline.at == visited[0]
    assert not getattr(timeline, back)()


@given(traces())
def test_an_address_leads_back_to_its_event(trace: Trace) -> None:
    for number in range(1, len(trace) + 1):
        address = trace.address(number)
        assert trace.locate(address) == number
        assert trace.matches(address, number)
        assert trace.matches(f"#{number}", number)
        step, phase, position = address.split("/")
        assert trace.matches(step, number)
        assert trace.matches(f"{step}/{phase}", number)
        assert int(position) >= 1
        assert trace.matches(f"line {trace.events[number - 1].line}", number)


@given(traces())
def test_steps_and_phases_cover_every_event_once_and_in_order(trace: Trace) -> None:
    covered: list[int] = []
    for step in range(1, trace.steps + 1):
        first, last = trace.step_span(step)
        inside = [n for _, start, end in trace.phase_spans(step) for n in range(start, end + 1)]
        assert inside == list(range(first, last + 1))
        covered.extend(inside)
    assert covered == list(range(1, len(trace) + 1))


def test_line_addresses_count_the_events_of_a_line() -> None:
    trace = build([("create", 1, 4, 0.0), ("print", 1, 5, 0.0), ("print", 1, 4, 0.0)])
    assert [trace.locate(text) for text in ("line 4", "line 4#1", "line 4#2", "line 4#3", "line 5")] == [1, 1, 2, 4, 3]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nowhere", "this is not an address"),
        ("#9", "the run has the events #1 to #2"),
        ("#0", "the run has the events #1 to #2"),
        ("step2", "the run has the steps 1 to 1"),
        ("step1/backward", "step 1 has 0 events in its backward phase"),
        ("step1/forward/3", "step 1 has 2 events in its forward phase"),
        ("step1/forward/0", "step 1 has 2 events in its forward phase"),
        ("line 9", "line 9 has 0 events"),
        ("line 1#3", "line 1 has 2 events"),
    ],
)
def test_an_address_without_an_event_says_what_there_is(text: str, reason: str) -> None:
    trace = build([("print", 1, 1, 0.0)])
    with pytest.raises(AddressError, match=reason) as caught:
        trace.locate(text)
    assert "step3/backward/17" in str(caught.value)


def test_a_name_means_the_tensor_that_the_variable_held_at_that_moment() -> None:
    trace = build([("forward", 1, 1, 2.0), ("forward", 1, 1, 3.0)])
    timeline = trace.timeline()
    values: list[Any] = []
    for number in range(1, len(trace) + 1):
        timeline.seek(number)
        value = timeline.value("out")
        values.append(None if value is None else value.tolist())
    assert values == [None, [2.0], [3.0]]


def test_the_gradient_of_a_variable_is_found_under_its_name() -> None:
    trace = build([("accumulate", 1, 1, 5.0), ("clear", 1, 1, 0.0)])
    timeline = trace.timeline()
    assert timeline.grad("t1") is None
    timeline.step()
    assert np.array_equal(timeline.grad("t1"), [5.0])  # type: ignore[arg-type]
    assert trace.name(GRAD_BASE + 1) == "t1.grad"
    timeline.step()
    assert timeline.grad("t1") is None


def test_a_cursor_over_an_empty_trace_stays_and_starts_with_the_first_event() -> None:
    trace = Trace(Header())
    timeline = trace.timeline()
    assert timeline.at == 0
    assert not timeline.step()
    trace.events.extend(build([("print", 1, 1, 0.0)]).events)
    assert timeline.at == 1
