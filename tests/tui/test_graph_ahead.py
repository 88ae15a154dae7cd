"""What of a large graph is laid out ahead: where a reader goes next."""

import pytest
from gradb.trace.graph import Graph, GraphNode
from gradb_tui.graph import fitting
from gradb_tui.graph.ahead import next_focuses
from gradb_tui.graph.fitting import draw, raster_of


def chain(nodes: int) -> Graph:
    """A leaf and the ops that were computed from it, one from the other."""
    made = [GraphNode(-1, "w", "leaf", (), 1, None, 1, "w", (4,))]
    for key in range(1, nodes):
        inputs = (key - 1 or -1,)
        made.append(
            GraphNode(key, "tanh", "op" if key < nodes - 1 else "root", inputs, key + 1, None, key + 1, "", (4,))
        )
    consumers = {node.inputs[0]: (node.key,) for node in made[1:]}
    return Graph(tuple(made), {node.key: node for node in made}, consumers, 0, 0)


def test_what_comes_next_before_and_at_the_ends_is_looked_at_and_nothing_that_is_shown() -> None:
    graph = chain(300)
    drawing = draw(graph, 60, 30, 150)
    assert list(next_focuses(graph, drawing, 150)) == [max(drawing.places) + 1, min(drawing.places) - 1, 299, 1]
    at_the_end = draw(graph, 60, 30, 299)
    assert list(next_focuses(graph, at_the_end, 299)) == [min(at_the_end.places) - 1, 1]


def test_a_drawing_that_was_looked_at_before_is_not_laid_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = chain(300)
    raster_of.cache_clear()
    ahead = next(next_focuses(graph, draw(graph, 60, 30, 150), 150))
    before = draw(graph, 60, 30, ahead).raster
    monkeypatch.setattr(fitting, "lay_out", None)
    assert draw(graph, 60, 30, ahead).raster is before
