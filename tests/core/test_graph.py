"""The graph of a moment: its nodes, the state of each, and what an event touches."""

from typing import Any

import gradb as torch
import pytest
from gradb.trace.events import Event, Visit
from gradb.trace.graph import Graph
from gradb.trace.trace import Trace


def shape_of(graph: Graph) -> list[tuple[str, str, list[str]]]:
    """Label, role and inputs' labels of each node."""
    return [(n.label, n.role, [graph.by_key[i].label for i in n.inputs]) for n in graph.nodes]


def at(trace: Trace, kind: type[Event], name: str = "") -> int:
    """The first event of a kind, for a visit that of the node of that name."""
    for number, event in enumerate(trace.events, start=1):
        if isinstance(event, kind) and (not isinstance(event, Visit) or event.node.name == name):
            return number
    raise AssertionError(f"no {kind} {name}")


def states_by_label(trace: Trace, moment: int) -> dict[str, str]:
    graph = trace.graph(moment)
    states = trace.node_states(graph, moment)
    return {node.name or node.label: states[node.key] for node in graph.nodes}


@pytest.fixture
def line() -> Trace:
    with torch.record() as trace:
        x = torch.tensor([2.0])
        w = torch.tensor([3.0], requires_grad=True)
        b = torch.tensor([1.0], requires_grad=True)
        y = w * x
        z = y + b
        z.backward()
    return trace


def test_leaves_constants_ops_and_the_root_stand_inputs_first(line: Trace) -> None:
    assert shape_of(line.graph(len(line))) == [
        ("w", "leaf", []),
        ("x", "constant", []),
        ("mul", "op", ["w", "x"]),
        ("b", "leaf", []),
        ("add", "root", ["mul", "b"]),
    ]


def test_the_states_of_the_nodes_follow_the_run(line: Trace) -> None:
    n, b, r, v, f = "not_built", "built", "ready", "visited", "freed"
    seen = [tuple(states_by_label(line, moment)[name] for name in "wxbyz") for moment in range(1, len(line) + 1)]
    assert seen == [
        (n, b, n, n, n),  # x
        (b, b, n, n, n),  # w
        (b, b, b, n, n),  # b
        (b, b, b, b, n),  # y = w * x
        (b, b, b, b, b),  # z = y + b
        (b, b, b, b, r),  # backward starts
        (b, b, r, r, v),  # AddBackward0
        (b, b, v, r, v),  # AccumulateGrad(b)
        (b, b, v, r, v),  # b.grad
        (r, b, v, v, v),  # MulBackward0
        (v, b, v, v, v),  # AccumulateGrad(w)
        (v, b, v, v, v),  # w.grad
        (v, b, v, f, v),  # released
    ]


def test_a_forward_op_flows_from_its_inputs_and_a_visit_to_them(line: Trace) -> None:
    graph = line.graph(5)
    keys = {node.name or node.label: node.key for node in graph.nodes}
    assert line.flow(graph, 5) == (keys["z"], ((keys["y"], keys["z"]), (keys["b"], keys["z"])))
    assert line.flow(graph, 7) == (keys["z"], ((keys["z"], keys["y"]), (keys["z"], keys["b"])))
    assert line.flow(graph, at(line, Visit, "MulBackward0")) == (keys["y"], ((keys["y"], keys["w"]),))
    assert line.flow(graph, 8) == (keys["b"], ((keys["z"], keys["b"]),))


def test_each_step_has_a_graph_of_its_own_nodes() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        for _ in range(2):
            loss = (w * w).sum()
            loss.backward()
            with torch.no_grad():
                w -= 0.1
            w.grad.zero_()
    first, second = (trace.graph(trace.step_span(step)[0]) for step in (1, 2))
    assert shape_of(first) == shape_of(second)
    ops = [{node.key for node in graph.nodes if node.key > 0} for graph in (first, second)]
    assert not ops[0] & ops[1]


def test_a_second_backward_through_a_kept_graph_starts_the_states_anew() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = w * w
        y.backward(retain_graph=True)
        y.backward()
    starts = trace.of_kind("backward_started")
    assert states_by_label(trace, starts[1] - 1) == {"w": "visited", "y": "visited"}
    assert states_by_label(trace, starts[1]) == {"w": "built", "y": "ready"}
    assert states_by_label(trace, len(trace)) == {"w": "visited", "y": "freed"}


def test_without_a_backward_the_graph_is_what_was_built_so_far() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0], requires_grad=True)
        y = w * 2
        z = w + 1
        torch.cat([y, z])
    assert [node.label for node in trace.graph(2).nodes] == ["w", "mul", "add", "cat"]


def test_an_op_on_two_outputs_of_a_split_reaches_the_split_once() -> None:
    with torch.record() as trace:
        w = torch.tensor([3.0, 4.0], requires_grad=True)
        first, second = w.split(1)
        (first * second).sum().backward()
    graph = trace.graph(len(trace))
    assert [node.label for node in graph.nodes] == ["w", "split", "mul", "sum"]
    mul = graph.nodes[2]
    assert mul.inputs == (graph.nodes[1].key,) * 2


def test_what_came_from_before_the_recording_is_a_node_without_inputs() -> None:
    w = torch.tensor([3.0], requires_grad=True)
    y = w * 2
    with torch.record() as trace:
        y.sum().backward()
    assert shape_of(trace.graph(len(trace))) == [("MulBackward0", "op", []), ("sum", "root", ["MulBackward0"])]


def test_a_chain_of_thousands_of_ops_is_built_without_recursion() -> None:
    with torch.record() as trace:
        y: Any = torch.tensor([1.0], requires_grad=True)
        for _ in range(3000):
            y = y * 1.0
        y.backward()
    graph = trace.graph(len(trace))
    assert len(graph.nodes) == 3001
    assert set(trace.node_states(graph, len(trace)).values()) == {"visited", "freed"}
