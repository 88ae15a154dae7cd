"""What stands below the graph in its frame: how much of it is shown, how large, and whose the node is: `foot`."""

from gradb.trace.graph import Graph

from gradb_tui.graph.drawing import Drawing
from gradb_tui.panes.rows import visible

_ZOOMS = {"fit": "", "names": "names", "boxes": "boxes"}


def foot(drawing: Drawing | None, graph: Graph | None, key: int | None, zoom: str) -> str:
    """The text for a drawing of a graph, with a node chosen or current."""
    if drawing is None or graph is None:
        return ""
    part = f"{drawing.shown} of {drawing.total} nodes" if drawing.shown < drawing.total else ""
    node = None if key is None else graph.by_key.get(key)
    module = f"in {visible(node.module)}" if node is not None and node.module else ""
    graphs = ""
    if drawing.marked:
        dynamic = any(node.new for node in graph.nodes if node.role not in ("leaf", "constant"))
        graphs = "dynamic + beside static ↻" if dynamic else "static ↻, captured"
    return " · ".join(filter(None, (graphs, module, _ZOOMS[zoom], part)))
