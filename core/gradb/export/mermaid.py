"""Mermaid: the graph at a moment as a flowchart that GitHub and GitLab draw in Markdown, within Mermaid's limits.

Mermaid draws no flowchart of more than 500 edges or 50 000 characters. Of a larger graph the part around the current
node is written, and both a comment and a node say how much is left out.
"""

import json
from collections.abc import Iterator

from gradb.export.drawn import Drawn, DrawnNode, drawn
from gradb.export.selection import Selection
from gradb.trace.trace import Trace

MOST_EDGES = 500
MOST_CHARACTERS = 50_000

_SHAPES = {"leaf": ('(["', '"])'), "constant": ('("', '")'), "op": ('["', '"]'), "root": ('[["', '"]]')}
_CLASSES = (
    "classDef leaf fill:#add8e6,stroke:#1f5f8b,color:#111",
    "classDef constant fill:#eeeeee,stroke:#777777,stroke-dasharray:4 3,color:#111",
    "classDef op fill:#d3d3d3,stroke:#555555,color:#111",
    "classDef root fill:#caff70,stroke:#4d7a12,color:#111",
    "classDef current stroke:#b000b0,stroke-width:4px",
    "classDef more fill:#ffffff,stroke:#b00020,stroke-dasharray:2 2,color:#b00020",
)
_ESCAPES = str.maketrans({c: f"#{ord(c)};" for c in "#%`\\"} | {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;"})


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The flowchart in one piece."""
    yield "".join(lines(fitting(trace, selection.at))).encode()


def notice(trace: Trace, selection: Selection) -> str:
    """Says how much of the graph is cut off, empty where it is whole."""
    return fitting(trace, selection.at).notice


def fitting(trace: Trace, at: int) -> Drawn:
    """The graph, or so much of it as Mermaid draws."""
    most: int | None = None
    while True:
        graph = drawn(trace, at, most)
        characters = sum(map(len, lines(graph)))
        if (len(graph.edges) <= MOST_EDGES and characters <= MOST_CHARACTERS) or len(graph.nodes) <= 1:
            return graph
        most = len(graph.nodes) * 3 // 4


def lines(graph: Drawn) -> Iterator[str]:
    """The flowchart line by line."""
    yield from (f"{line}\n" for line in _lines(graph))


def _lines(graph: Drawn) -> Iterator[str]:
    title = f"{graph.title}, {graph.address}: {graph.said}" if graph.address else graph.title or graph.said
    yield from ("---", f"title: {_quoted(title)}", "---", "flowchart TD")
    if graph.left_out:
        yield f"  %% {graph.notice}: Mermaid draws at most {MOST_EDGES} edges and {MOST_CHARACTERS} characters"
        yield f'  more["{_escaped(graph.notice)}"]:::more'
    for place, node in enumerate(graph.nodes):
        begin, end = _SHAPES[node.role]
        label = "<br/>".join(map(_escaped, _rows(node)))
        yield f"  n{place}{begin}{label}{end}:::{node.role}"
    for edge in graph.edges:
        yield f"  n{edge.source} --> n{edge.target}"
    for place, edge in enumerate(graph.edges):
        if edge.flow:
            dashes = ",stroke-dasharray:6 4" if edge.flow == "backward" else ""
            yield f"  linkStyle {place} stroke:#b000b0,stroke-width:3px{dashes}"
    yield from (f"  class n{place} current" for place, node in enumerate(graph.nodes) if node.current)
    yield from (f"  {line}" for line in _CLASSES)


def _rows(node: DrawnNode) -> list[str]:
    grad = f"{'grad' if node.role == 'leaf' else '∇'} {node.grad}" if node.grad else ""
    title = f"{node.mark} {node.title}{' ◀' if node.current else ''}".strip()
    return [row for row in (title, node.value or node.shape, grad) if row]


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def _quoted(text: str) -> str:
    """A text as YAML; `%%{` would be an order to Mermaid wherever it stands."""
    one_line = "".join(c if c.isprintable() else " " for c in text)
    return json.dumps(one_line, ensure_ascii=False).replace("%", "\\u0025")
