"""Folding the nodes of modules into boxes: one box for each call, no circles, and what flows in the smaller graph."""

import gradb
import gradb.dialect as torch
from gradb.trace.folded_states import FoldedStates
from gradb.trace.folding import Folded, depth_that_fits, fold, modules_at
from gradb.trace.graph import Graph
from gradb.trace.trace import Trace
from hypothesis import given
from hypothesis import strategies as st


class Block(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.fc(x)) + x


def trained(calls: int = 2, between: bool = True) -> Trace:
    with gradb.record() as trace:
        cell = Block()
        given = torch.ones(3, 2)
        x = cell(given)
        for turn in range(calls):
            x = cell(x) if turn else x
            if between:
                x = x * 2
        x.sum().backward()
    return trace


def graph_of(trace: Trace) -> Graph:
    return trace.graph(len(trace))


def assert_inputs_first(folded: Folded) -> None:
    seen: set[int] = set()
    for node in folded.graph.nodes:
        assert seen.issuperset(node.inputs), f"{node.label} stands before its inputs"
        seen.add(node.key)
    assert seen == folded.graph.by_key.keys() == set(folded.places.values())
    assert folded.places.keys() == set(folded.places)


def labels(folded: Folded) -> list[str]:
    return [node.label for node in folded.graph.nodes]


def test_each_call_of_a_module_is_a_box_of_its_own() -> None:
    graph = graph_of(trained())
    folded = fold(graph, lambda path: path == "cell")
    assert_inputs_first(folded)
    # the parameters are read by both calls, so they stand outside of both
    assert sorted(labels(folded)) == sorted(["fc.weight", "fc.bias", "given", "cell", "mul", "cell", "mul", "sum"])
    boxes = [node for node in folded.graph.nodes if node.role == "module"]
    assert [len(folded.members[box.key]) for box in boxes] == [4, 4]  # t, addmm, relu, add
    assert folded.graph.by_key[folded.graph.consumers[boxes[0].key][0]].label == "mul"


def test_a_module_that_is_called_once_takes_its_parameters_in() -> None:
    folded = fold(graph_of(trained(calls=1)), lambda path: path == "cell.fc")
    assert labels(folded) == ["given", "fc", "relu", "add", "mul", "sum"]
    box = folded.graph.nodes[1]
    assert box.module == "cell.fc"
    assert folded.whole(box.key) == folded.members[box.key][-1]


def test_the_outermost_closed_module_is_the_box() -> None:
    folded = fold(graph_of(trained(calls=1)), lambda path: True)
    assert labels(folded) == ["given", "cell", "mul", "sum"]


def test_the_depth_is_the_greatest_that_leaves_few_enough_nodes() -> None:
    graph = graph_of(trained(calls=1))
    assert [depth_that_fits(graph, most) for most in (4, 5, 6, 99)] == [1, 1, 2, 2]
    assert depth_that_fits(graph, 2) == 1
    assert modules_at(graph, 2) == {"cell.fc"}
    assert modules_at(graph, 1) == {"cell"}
    assert modules_at(graph, 3) == {"cell.fc"}


def test_nothing_closed_is_the_graph_itself() -> None:
    graph = graph_of(trained())
    assert fold(graph, lambda path: False).graph is graph


def test_flow_within_a_box_does_not_show_and_flow_into_it_does() -> None:
    trace = trained(calls=1)
    graph = graph_of(trace)
    folded = fold(graph, lambda path: path == "cell.fc")
    flows = [folded.flow(trace.flow(graph, at)) for at in range(1, len(trace) + 1)]
    box = next(node.key for node in folded.graph.nodes if node.role == "module")
    assert all(a != b for flow in flows for a, b in flow.edges)
    relu = folded.graph.consumers[box][0]
    assert (box, relu) in {edge for flow in flows for edge in flow.edges}
    assert (relu, box) in {edge for flow in flows for edge in flow.edges}


def test_a_box_is_ready_while_backward_is_in_it_and_visited_after() -> None:
    trace = trained(calls=1)
    graph = graph_of(trace)
    folded = fold(graph, lambda path: path == "cell")
    box = next(node.key for node in folded.graph.nodes if node.role == "module")
    seen = [FoldedStates(folded, trace.node_states(graph, at))[box] for at in range(1, len(trace) + 1)]
    assert list(dict.fromkeys(seen)) == ["not_built", "built", "ready", "visited"]


@given(st.integers(1, 4), st.booleans(), st.sets(st.sampled_from(["cell", "cell.fc"])))
def test_a_folded_graph_is_a_graph(calls: int, between: bool, closed: set[str]) -> None:
    graph = graph_of(trained(calls, between))
    folded = fold(graph, closed.__contains__)
    assert_inputs_first(folded)
    assert len(folded.graph.nodes) == len(set(folded.places.values()))
    for key, own in folded.members.items():
        assert own
        assert all(folded.places[inside] == key for inside in own)
