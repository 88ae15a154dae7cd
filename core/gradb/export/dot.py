"""Graphviz: the graph at a moment, as torchviz draws it, with values and gradients (`dot -Tsvg run.dot`).

Arrows go from inputs to results, as values do. Where a gradient flows at the moment, the arrow points back.
"""

from collections.abc import Iterator

from gradb.export.drawn import LEGEND, Drawn, DrawnEdge, DrawnNode, drawn
from gradb.export.selection import Selection
from gradb.trace.trace import Trace

_LOOKS = {
    "leaf": 'shape=ellipse, style="filled", fillcolor="lightblue"',
    "constant": 'shape=ellipse, style="filled,dashed", fillcolor="#eeeeee"',
    "op": 'shape=box, style="filled", fillcolor="lightgrey"',
    "root": 'shape=box, style="filled", peripheries=2, fillcolor="darkolivegreen1"',
}
_FLOW = 'color="#b000b0", penwidth=3'


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The whole graph: Graphviz has no limit of its own."""
    yield from (f"{line}\n".encode() for line in lines(drawn(trace, selection.at)))


def lines(graph: Drawn) -> Iterator[str]:
    """The text of the file, line by line."""
    caption = _text(graph.title, f"{graph.address}: {graph.said}" if graph.address else graph.said, LEGEND)
    yield f"digraph {_text(graph.title or 'graph')} {{"
    yield f'  graph [label={caption}, labelloc="t", fontname="Helvetica", fontsize=12, rankdir="TB"]'
    yield '  node [fontname="Helvetica", fontsize=11]'
    yield '  edge [fontname="Helvetica", fontsize=9, color="#555555"]'
    for place, node in enumerate(graph.nodes):
        yield f"  n{place} [{', '.join(_attributes(node))}]"
    for edge in graph.edges:
        yield f"  n{edge.source} -> n{edge.target}{_flow(edge)}"
    yield "}"


def _attributes(node: DrawnNode) -> Iterator[str]:
    grad = f"{'grad' if node.role == 'leaf' else '∇'} {node.grad}" if node.grad else ""
    rows = [f"{node.mark} {node.title}".strip(), node.function if node.role in ("op", "root") else "", node.value, grad]
    yield f"label={_text(*filter(None, rows))}"
    yield _LOOKS[node.role]
    where = f"line {node.line}" if node.line else ""
    told = [node.function, node.shape, node.state.replace("_", " "), where]
    yield f"tooltip={_text(', '.join(filter(None, told)))}"
    if node.current:
        yield 'penwidth=3, color="#b000b0"'
    elif node.state == "not_built":
        yield 'fontcolor="#777777", color="#aaaaaa"'


def _flow(edge: DrawnEdge) -> str:
    if not edge.flow:
        return ""
    return f" [{_FLOW}{', dir=back' if edge.flow == 'backward' else ''}]"


def _text(*rows: str) -> str:
    """Rows as one quoted text. Graphviz reads `\\N` in a label as the node's name, and `&lt;` as `<`."""
    escaped = (row.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for row in rows if row)
    one_line = ("".join(c if c.isprintable() else " " for c in row) for row in escaped)
    joined = "\\n".join(one_line)
    return f'"{joined}"'
