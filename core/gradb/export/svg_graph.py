"""The elements of an SVG picture of a graph: `defs()`, `lines(...)` and `boxes(...)`; `graph.css` says how they look.

A page that has them changes their classes and texts as the reader steps: each node and line says which it is.
"""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import groupby
from xml.sax.saxutils import escape

from gradb.export.drawn import DrawnNode, Flowing
from gradb.export.picture import Line, Picture, Rectangle

_ROOT_INSET = 4


def style() -> str:
    """The style sheet for these elements, light and dark."""
    return files("gradb.export.html").joinpath("graph.css").read_text("utf-8")


def defs() -> str:
    """The heads of arrows."""
    head = '<marker id="{}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="{}" markerHeight="{}" orient="{}">'
    shape = '<path d="M0 1 9 5 0 9z" class="{}"/></marker>'
    return (
        "<defs>"
        + (head + shape).format("arrow", 7, 7, "auto", "head")
        + (head + shape).format("onward", 5, 5, "auto", "head flow")
        + (head + shape).format("back", 5, 5, "auto-start-reverse", "head flow")
        + "</defs>"
    )


def lines(picture: Picture, flows: Sequence[tuple[int, int, Flowing]] = ()) -> Iterator[str]:
    """The lines, where two cross the later one with a gap around it, and over them those along which data flows."""
    flowing = {(source, target): flow for source, target, flow in flows if flow}
    for source, group in groupby(picture.lines, key=lambda line: line.source):
        own = [line for line in group if (source, line.target) not in flowing]
        yield from (f'<path class="halo" d="{line.path}"/>' for line in own)
        yield from (f'<path class="edge"{_ends(line)} marker-end="url(#arrow)"/>' for line in own)
    for line in picture.lines:
        flow = flowing.get((line.source, line.target))
        if flow:
            head = 'marker-end="url(#onward)"' if flow == "forward" else 'marker-start="url(#back)"'
            yield f'<path class="edge flow {flow}"{_ends(line)} {head}/>'


def boxes(picture: Picture, nodes: Sequence[DrawnNode]) -> Iterator[str]:
    """The nodes, each a group with its box, three lines of text and the sign of its state."""
    for place, (node, box) in enumerate(zip(nodes, picture.boxes, strict=True)):
        yield f'<g class="node {node.role} {node.state}{" current" * node.current}" data-node="{place}">'
        yield f"<title>{escape(_told(node))}</title>"
        yield _rectangle("box", box, 0, 32 if node.role == "leaf" else 4)
        if node.role == "root":
            yield _rectangle("inner", box, _ROOT_INSET, 2)
        middle = box.x + box.width / 2
        for kind, text, down in (("name", node.title, 22), ("value", node.value or node.shape, 38)):
            yield f'<text class="{kind}" x="{middle:g}" y="{box.y + down}">{escape(text)}</text>'
        yield f'<text class="grad" x="{middle:g}" y="{box.y + 54}">{escape(grad_text(node))}</text>'
        yield f'<circle class="badge" cx="{box.x + box.width - 5}" cy="{box.y + 5}" r="8"/>'
        yield f'<text class="mark" x="{box.x + box.width - 5}" y="{box.y + 9}">{node.mark}</text></g>'


def grad_text(node: DrawnNode) -> str:
    """The third line of a box: `.grad` of a leaf, or the gradient that came in; empty where there is none."""
    return f"{'grad' if node.role == 'leaf' else '∇'} {node.grad}" if node.grad else ""


def _told(node: DrawnNode) -> str:
    parts = (node.title, node.function, node.shape, f"line {node.line}" * bool(node.line))
    return ", ".join(filter(None, parts))


def _ends(line: Line) -> str:
    return f' data-from="{line.source}" data-to="{line.target}" d="{line.path}"'


def _rectangle(kind: str, box: Rectangle, inset: int, radius: int) -> str:
    return (
        f'<rect class="{kind}" x="{box.x + inset}" y="{box.y + inset}" width="{box.width - 2 * inset}" '
        f'height="{box.height - 2 * inset}" rx="{radius}"/>'
    )
