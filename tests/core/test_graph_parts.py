"""What a graph knows of its nodes: which are new in this step, which were captured, and of which module each is."""

import gradb
import gradb.dialect
import pytest
from gradb.scenario.bundled import load_bundled
from gradb.scenario.runner import run
from gradb.trace.graph import Graph
from gradb.trace.trace import Trace


def marks(graph: Graph | None) -> list[tuple[str, bool, bool]]:
    """Of each op: its label, whether it is new and whether it was captured."""
    assert graph is not None
    return [(node.label, node.new, node.captured) for node in graph.nodes if node.role not in ("leaf", "constant")]


@pytest.fixture(scope="module")
def both() -> Trace:
    return run(load_bundled("static_vs_dynamic"))


def test_before_a_capture_there_is_no_static_graph(both: Trace) -> None:
    assert both.captured_graph(1) is None


def test_a_captured_graph_runs_its_nodes_again_and_a_dynamic_one_makes_new_ones(both: Trace) -> None:
    first, dynamic, again = (both.locate(line) for line in ("line 12", "line 18", "line 23"))
    assert marks(both.graph(first)) == marks(both.graph(again)) == [("mul", False, True)]
    assert marks(both.graph(dynamic)) == [("pow", True, False)]
    assert [node.key for node in both.graph(first).nodes if node.captured] == [
        node.key for node in both.graph(again).nodes if node.captured
    ]


def test_the_static_graph_stays_as_it_was_captured_while_the_dynamic_one_is_another(both: Trace) -> None:
    dynamic = both.locate("line 18")
    static = both.captured_graph(dynamic)
    assert marks(static) == [("mul", False, True)]
    assert static is not None
    assert {node.name for node in static.nodes if node.role == "leaf"} == {"a"}
    assert static is both.captured_graph(dynamic + 1)


def test_both_graphs_stand_side_by_side_while_they_differ(both: Trace) -> None:
    dynamic, again = both.locate("line 18"), both.locate("line 23")
    shown = both.both_graphs(dynamic)
    assert [node.label for node in shown.nodes] == ["b", "pow", "a", "mul"]
    assert shown is both.both_graphs(dynamic + 1)
    assert both.node_states(shown, dynamic)[both.graph(dynamic).nodes[-1].key] == "ready"
    assert both.node_states(shown, dynamic)[shown.nodes[-1].key] in ("built", "freed")
    assert both.both_graphs(again) is both.graph(again)
    assert both.both_graphs(1) is both.graph(1)


def test_the_condition_of_an_if_is_no_part_of_a_captured_graph(both: Trace) -> None:
    captured = both.locate("line 5")
    assert marks(both.captured_graph(captured)) == [("mul", False, True)]


def test_two_captured_calls_side_by_side_are_two_runs() -> None:
    torch = gradb.dialect
    with gradb.record() as trace:
        static = torch.jit.trace(lambda x: (x * 2).sum(), torch.ones(2))
        (static(torch.ones(2, requires_grad=True)) + static(torch.ones(2, requires_grad=True))).backward()
    graph = trace.captured_graph(len(trace))
    assert [label for label, _, _ in marks(graph)] == ["mul", "sum"]
    assert [label for label, _, _ in marks(trace.graph(len(trace)))] == ["mul", "sum", "mul", "sum", "add"]


def test_parameters_belong_to_the_module_that_reads_them_and_other_leaves_to_none() -> None:
    torch = gradb.dialect
    before = torch.nn.Linear(3, 1)
    with gradb.record() as trace:
        model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), before)
        x = torch.ones(4, 2, requires_grad=True)
        model(x).sum().backward()
    graph = trace.graph(len(trace))
    modules = {node.label: node.module for node in graph.nodes if node.role == "leaf"}
    assert list(modules.values()).count("model.0") == list(modules.values()).count("model.2") == 2
    assert modules["x"] == ""
    sizes = {path: len(keys) for path, keys in trace.modules(len(trace)).items()}
    assert sizes == {"model": 9, "model.0": 4, "model.1": 1, "model.2": 4}


def test_a_node_of_an_earlier_step_is_not_new_in_a_later_one() -> None:
    trace = run_lines(
        "w = torch.tensor(1.0, requires_grad=True)",
        "h = w * 2",
        "for i in range(2):",
        "    h = h + w",
        "    h.backward(retain_graph=True)",
    )
    assert marks(trace.graph(len(trace))) == [("mul", False, False), ("add", False, False), ("add", True, False)]
    leaf = next(node for node in trace.graph(len(trace)).nodes if node.role == "leaf")
    assert not leaf.new


def run_lines(*lines: str) -> Trace:
    from gradb.scenario.scenario import Scenario

    program = "\n".join(("import torch", *lines, ""))
    return run(Scenario(title="a program", program=program, filename="program"))
