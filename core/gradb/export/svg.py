"""A picture of the graph at a moment, with values and gradients: `run.svg`, for any browser, light or dark."""

from collections.abc import Iterator
from textwrap import wrap
from xml.sax.saxutils import escape

from gradb.export.drawn import LEGEND, Drawn, clipped, drawn
from gradb.export.picture import CHARACTER, columns, picture
from gradb.export.selection import Selection
from gradb.export.svg_graph import boxes, defs, grad_text, lines, style
from gradb.trace.trace import Trace

MOST = 1000  # nodes: of a larger graph the part around the current node is drawn, and the picture says so
_MARGIN = 24
_LEAST = 560
_CAPTION = 18
_LONGEST = 600
_SHAPES = "round: leaf that requires grad, dashed: constant, box: op, double box: root"

_STYLE = """svg { background: #ffffff; }
.title { font: bold 16px system-ui, sans-serif; fill: #1b2430; }
.said, .legend { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1b2430; }
.legend { fill: #50637a; }
@media (prefers-color-scheme: dark) {
  svg { background: #0f141b; }
  .title, .said { fill: #d8dee9; }
  .legend { fill: #9db1cc; }
}
"""


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The picture, element by element."""
    yield from (f"{element}\n".encode() for element in elements(drawn(trace, selection.at, MOST)))


def notice(trace: Trace, selection: Selection) -> str:
    """Says how much of the graph is not drawn, empty where it is whole."""
    return drawn(trace, selection.at, MOST).notice


def elements(graph: Drawn) -> Iterator[str]:
    """The elements of the picture, from the first line of the file to the last."""
    edges = [(edge.source, edge.target) for edge in graph.edges]
    widths = [max(map(columns, (n.title, n.value or n.shape, grad_text(n)))) for n in graph.nodes]
    placed = picture(len(graph.nodes), edges, widths)
    inner = max(placed.width, _LEAST)
    said = f"{graph.address}: {graph.said}" if graph.address else graph.said
    above = [("said", row) for row in _wrapped(said, inner)]
    below = [("legend", row) for text in (graph.notice, LEGEND, _SHAPES) for row in _wrapped(text, inner)]
    top = 2 * _MARGIN + _CAPTION * len(above) + 12
    width, height = inner + 2 * _MARGIN, top + placed.height + _CAPTION * (len(below) + 1) + _MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title said">'
    )
    yield f'<title id="title">{escape(clipped(graph.title, _LONGEST))}</title>'
    yield f'<desc id="said">{escape(clipped(said, _LONGEST))}</desc>'
    yield f"<style>\n{_STYLE}{style()}</style>"
    yield defs()
    yield f'<text class="title" x="{_MARGIN}" y="{_MARGIN + 8}">{escape(clipped(graph.title, 100))}</text>'
    yield from _rows(above, _MARGIN + 8)
    yield f'<g transform="translate({_MARGIN + (inner - placed.width) // 2} {top})">'
    yield from lines(placed, [(edge.source, edge.target, edge.flow) for edge in graph.edges])
    yield from boxes(placed, graph.nodes)
    yield "</g>"
    yield from _rows(below, top + placed.height + _CAPTION)
    yield "</svg>"


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(clipped(text, _LONGEST), int(width // CHARACTER))


def _rows(rows: list[tuple[str, str]], y: int) -> Iterator[str]:
    for number, (kind, row) in enumerate(rows, start=1):
        yield f'<text class="{kind}" x="{_MARGIN}" y="{y + number * _CAPTION}">{escape(row)}</text>'
