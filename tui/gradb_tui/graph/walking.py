"""Walking in a drawn graph from a node: to its inputs, to what uses it, to the nodes beside it."""

from gradb.trace.graph import Graph

from gradb_tui.graph.drawing import Drawing


def vertical(graph: Graph, key: int, by: int) -> int | None:
    """An input of a node (`by` -1), rather one that gradients go through, or what uses its output (1)."""
    if key not in graph.by_key:
        return None
    near = graph.by_key[key].inputs if by < 0 else graph.consumers.get(key, ())
    return min(near, key=lambda one: graph.by_key[one].role == "constant", default=None)


def beside(drawing: Drawing, key: int, by: int) -> int | None:
    """The next node in the drawing's row to the right (1) or to the left (-1)."""
    if key not in drawing.places:
        return None
    boxes = drawing.raster.layout.boxes
    own = boxes[drawing.places[key]]
    row = sorted((boxes[place].x, other) for other, place in drawing.places.items() if boxes[place].y == own.y)
    place = [other for _, other in row].index(key) + by
    return row[place][1] if 0 <= place < len(row) else None
