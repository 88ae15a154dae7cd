"""Which surroundings of a large graph a reader is likely to see next: `next_focuses`."""

from collections.abc import Iterator

from gradb.trace.graph import Graph

from gradb_tui.graph.drawing import Drawing


def next_focuses(graph: Graph, drawing: Drawing, current: int) -> Iterator[int]:
    """The ops that are drawn next where one walks on from `current`, walks back, or goes to an end of the graph."""
    ops = [node.key for node in graph.nodes if node.inputs]
    at = ops.index(current) if current in ops else len(ops)
    on = next((key for key in ops[at:] if key not in drawing.places), None)
    back = next((key for key in reversed(ops[:at]) if key not in drawing.places), None)
    for key in dict.fromkeys([on, back, *ops[-1:], *ops[:1]]):
        if key is not None and key not in drawing.places:
            yield key
