"""Moves by line, node and variable: each is what reading every event one after the other gives."""

from typing import Any

import numpy as np
from gradb.trace.events import NodeRef, TensorCreated, TensorState, Visit
from gradb.trace.trace import Header, Trace
from gradb.trace.writes import What, writes
from hypothesis import given
from hypothesis import strategies as st
from synthetic import traces

NAMES = ["t1", "t2", "t3", "t4", "out"]
whats: st.SearchStrategy[What] = st.sampled_from(["value", "grad"])


def written(trace: Trace, name: str, what: What, number: int) -> bool:
    """Whether an event gave the variable another value or gradient, told by the event and the bindings alone."""
    tensor = trace.lookup(name, number)
    if tensor is None:
        return False
    taken = what == "value" and trace.lookup(name, number - 1) != tensor
    return taken or any(cell == (tensor, what) for cell, _ in writes(trace.event(number)))


@given(traces(), st.sampled_from(NAMES), whats)
def test_the_history_of_a_variable_is_every_event_that_wrote_what_it_held(trace: Trace, name: str, what: What) -> None:
    expected = [n for n in range(1, len(trace) + 1) if written(trace, name, what, n)]
    history = trace.history(name, what)
    assert list(history) == expected
    assert history[:] == expected or not expected
    if expected:
        assert (history[-1], history[len(history) - 1]) == (expected[-1], expected[-1])


@given(traces(), st.sampled_from(NAMES), whats)
def test_a_history_that_is_asked_while_the_trace_grows_ends_as_the_same(trace: Trace, name: str, what: What) -> None:
    growing = Trace(trace.header)
    held = {name: trace.bindings[name] for name in trace.bindings}
    for number, event in enumerate(trace.events, start=1):
        growing.events.append(event)
        for variable, bindings in held.items():
            for since, tensor in zip(bindings.since, bindings.ids, strict=True):
                if since == number:
                    growing.bind(variable, tensor)
        len(growing.history(name, what))
    assert list(growing.history(name, what)) == list(trace.history(name, what))


@given(traces(), st.data(), st.sampled_from(NAMES), whats)
def test_moving_by_writes_stops_at_each_of_them_in_both_directions(
    trace: Trace, data: Any, name: str, what: What
) -> None:
    if not len(trace):
        return
    timeline = trace.timeline()
    start = data.draw(st.integers(1, len(trace)))
    timeline.seek(start)
    later = [n for n in trace.history(name, what) if n > start]
    assert timeline.next_change(name, what) == bool(later)
    assert timeline.at == (later[0] if later else start)
    timeline.seek(start)
    earlier = [n for n in trace.history(name, what) if n < start]
    assert timeline.previous_change(name, what) == bool(earlier)
    assert timeline.at == (earlier[-1] if earlier else start)


@given(traces())
def test_moving_by_line_stops_wherever_the_line_changes_and_comes_back_the_same_way(trace: Trace) -> None:
    timeline = trace.timeline()
    visited = [timeline.at]
    while timeline.next_line():
        assert trace.event(timeline.at).line != trace.event(timeline.at - 1).line
        visited.append(timeline.at)
    changes = [n for n in range(2, len(trace) + 1) if trace.event(n).line != trace.event(n - 1).line]
    assert visited[1:] == changes
    for expected in reversed(visited[:-1]):
        assert timeline.previous_line()
        assert timeline.at == expected
    assert not timeline.previous_line()


@given(traces(), st.integers(1, 6), st.data())
def test_running_to_a_line_goes_to_its_nearest_event(trace: Trace, line: int, data: Any) -> None:
    if not len(trace):
        return
    timeline = trace.timeline()
    start = data.draw(st.integers(1, len(trace)))
    timeline.seek(start)
    later = [n for n in range(start + 1, len(trace) + 1) if trace.event(n).line == line]
    assert timeline.next_on_line(line) == bool(later)
    assert timeline.at == (later[0] if later else start)


def test_the_next_node_passes_by_the_accumulations_of_the_one_before() -> None:
    trace = Trace(Header())
    one = np.ones(1, np.float32)
    trace.events.append(TensorCreated(1, TensorState(1, one, True), "ones"))
    for node in (NodeRef(1, "MulBackward0"), NodeRef(2, "AccumulateGrad", tensor=1), NodeRef(3, "AddBackward0")):
        trace.events.append(Visit(2, node, (one,), ()))
    timeline = trace.timeline()
    assert [timeline.next_node() and timeline.at for _ in range(3)] == [2, 4, False]
    assert [timeline.previous_node() and timeline.at for _ in range(2)] == [2, False]


@given(traces(), st.data())
def test_running_to_a_node_goes_to_its_forward_op_and_its_visits(trace: Trace, data: Any) -> None:
    if not len(trace):
        return
    timeline = trace.timeline()
    timeline.seek(data.draw(st.integers(1, len(trace))))
    for node in timeline.graph().nodes:
        start = timeline.at
        events = sorted({*filter(None, [node.forward]), *trace.find(node.key, "visit")})
        later = [n for n in events if n > start]
        assert timeline.next_of_node(node) == bool(later)
        assert timeline.at == (later[0] if later else start)
        timeline.seek(start)
        earlier = [n for n in events if n < start]
        assert timeline.previous_of_node(node) == bool(earlier)
        timeline.seek(start)
