"""Folding modules in the graph pane: o and O, what is remembered over the steps, and how large graphs begin."""

import pytest
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.events import Visit
from gradb.trace.trace import Trace
from gradb_tui.app import GradbApp
from gradb_tui.graph.folds import Folds
from gradb_tui.panes.graph import GraphPane
from gradb_tui.session import Session

PROGRAM = """import torch
from torch import nn
torch.manual_seed(0)
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
    def forward(self, x):
        return torch.relu(self.fc(x)) + x
model = nn.Sequential(*[Block() for i in range({blocks})])
for epoch in range(3):
    loss = model(torch.ones(3, 2)).sum()
    loss.backward()
"""


def traced(blocks: int) -> Trace:
    return run(Scenario(title="blocks", program=PROGRAM.format(blocks=blocks), filename="program"))


@pytest.fixture(scope="module")
def small() -> Trace:
    return traced(2)


def boxes(folds: Folds, trace: Trace, at: int) -> list[str]:
    return [node.module for node in folds.of(trace.graph(at)).graph.nodes if node.role == "module"]


def test_a_small_graph_begins_unfolded_and_a_large_one_with_few_boxes(small: Trace) -> None:
    assert boxes(Folds(), small, len(small)) == []
    large = traced(12)
    assert boxes(Folds(), large, len(large)) == [f"model.{i}" for i in range(12)]


def test_what_is_folded_stays_folded_in_every_step(small: Trace) -> None:
    folds = Folds()
    graph = small.graph(len(small))
    inner = next(node.key for node in graph.nodes if node.module == "model.1.fc" and node.node is not None)
    box = folds.toggle(graph, inner)
    assert box is not None
    assert boxes(folds, small, small.step_span(1)[0]) == boxes(folds, small, len(small)) == ["model.1.fc"]
    folds.toggle(graph, box)
    assert boxes(folds, small, len(small)) == []


def test_a_node_outside_of_modules_has_nothing_to_fold(small: Trace) -> None:
    graph = small.graph(len(small))
    assert Folds().toggle(graph, graph.nodes[-1].key) is None


def test_everything_is_folded_and_opened_at_once(small: Trace) -> None:
    folds = Folds()
    graph = small.graph(len(small))
    assert folds.toggle_all(graph)
    assert boxes(folds, small, len(small)) == ["model.0", "model.1"]
    assert folds.toggle_all(graph)
    assert boxes(folds, small, len(small)) == []


async def test_o_folds_the_module_of_the_current_node_and_opens_it_again(small: Trace) -> None:
    session = Session(small, "blocks", "", (), ())
    visited = [event.node.name if isinstance(event, Visit) else "" for event in small.events]
    session.timeline.seek(visited.index("ReluBackward0") + 1)
    app = GradbApp(session)
    async with app.run_test(size=(120, 40)) as pilot:
        pane = app.screen.query_one(GraphPane)

        def roles() -> list[str]:
            assert pane.drawing is not None
            return [face.role for face in pane.drawing.faces]

        await pilot.press("4", "o")
        await pilot.pause()
        assert roles().count("module") == 1
        assert pane.border_subtitle == "in model.1"
        node = pane.chosen_node
        assert node is not None
        assert node.label == "add"
        await pilot.press("greater_than_sign")
        assert "boxes" in str(pane.border_subtitle)
        await pilot.press("less_than_sign", "less_than_sign")
        assert "names" in str(pane.border_subtitle)
        await pilot.press("o")
        assert "module" not in roles()
        await pilot.press("O")
        assert roles().count("module") == 2
        await pilot.press("O")
        assert "module" not in roles()
