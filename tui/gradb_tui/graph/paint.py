"""A raster with the states of a moment, row by row: `paint_row`. `changed_rows` tells which rows differ between two.

Lines on which data flows are heavy, with an arrowhead where it arrives; lines to a node that is not built yet are
dotted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gradb.drawing.routing import Strand
from rich.cells import cell_len

from gradb_tui.graph.captions import Face, Look, Span, node_line
from gradb_tui.graph.labels import Labels
from gradb_tui.graph.raster import Raster, Wire

# By the weight of the arms up, right, down and left (0 none, 1 light, 2 heavy) read as a number in base 3.
_GLYPHS = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋"
_DOTTED = str.maketrans("│─", "┊╌")


@dataclass(frozen=True, slots=True)
class Scene:
    """A drawing at a moment. `flow` holds the edges (source, target) on which data flows, True where it goes up."""

    raster: Raster
    look: Look
    faces: tuple[Face, ...]
    flow: Mapping[tuple[int, int], bool]
    labels: Labels = field(default_factory=dict[int, dict[int, str]])
    marked: bool = False  # whether nodes show that they are new or captured
    arrows: Mapping[int, Mapping[int, str]] = field(init=False)  # by row, by column
    _weights: dict[Strand, int] = field(init=False, repr=False, compare=False, default_factory=dict[Strand, int])

    def __post_init__(self) -> None:
        layout = self.raster.layout
        arrows: dict[int, dict[int, str]] = {}
        for (source, target), upward in self.flow.items():
            if upward:
                box = layout.boxes[source]
                arrows.setdefault(box.y + box.height, {})[layout.anchors[source]] = "▲"
            else:
                row = arrows.setdefault(layout.boxes[target].y - 1, {})
                row.update(dict.fromkeys(layout.ports.get((source, target), ()), "▼"))
        object.__setattr__(self, "arrows", arrows)

    def weight(self, strand: Strand | None) -> int:
        """0 for no arm, 1 for a line at rest, 2 where data flows, -1 where it leads to nothing that is built yet."""
        if strand is None:
            return 0
        weight = self._weights.get(strand)
        if weight is None:
            if any((strand.source, target) in self.flow for target in strand.targets):
                weight = 2
            else:
                weight = -1 if all(self.faces[target].state == "not_built" for target in strand.targets) else 1
            self._weights[strand] = weight
        return weight


def paint_row(scene: Scene, y: int) -> list[Span]:
    """The spans of a row from column 0; what lies right of the last is empty."""
    row = scene.raster.row(y)
    boxes = scene.raster.layout.boxes
    pieces: list[tuple[int, int, list[Span]]] = []
    for node in row.nodes:
        box = boxes[node]
        pieces.append((box.x, box.width + 1, node_line(scene.faces[node], box.width, y - box.y, scene.look)))
    arrows = scene.arrows.get(y, {})
    for x, wire in row.wires.items():
        pieces.append((x, 1, [_wire(scene, wire, arrows.get(x))]))
    for x, text in scene.labels.get(y, {}).items():
        pieces.append((x, cell_len(text), [Span(text, ("label",))]))
    spans: list[Span] = []
    column = 0
    for x, width, own in sorted(pieces):
        if x > column:
            spans.append(Span(" " * (x - column), ()))
        for span in own:
            if spans and spans[-1].styles == span.styles:
                spans[-1] = Span(spans[-1].text + span.text, span.styles)
            else:
                spans.append(span)
        column = x + width
    return spans


def _wire(scene: Scene, wire: Wire, arrow: str | None) -> Span:
    if arrow is not None:
        return Span(arrow, ("flow",))
    up, right, down, left = (scene.weight(arm) for arm in wire[:4])
    glyph = _GLYPHS[((abs(up) * 3 + abs(right)) * 3 + abs(down)) * 3 + abs(left)]
    heaviest = max(up, right, down, left)
    if heaviest <= 0:
        return Span(glyph.translate(_DOTTED), ("awaited",))
    return Span(glyph, ("flow" if heaviest == 2 else "edge",))


def paint_text(scene: Scene) -> list[str]:
    """All rows as plain text."""
    height = scene.raster.layout.height
    return ["".join(span.text for span in paint_row(scene, y)).rstrip() for y in range(height)]


def changed_rows(before: Scene, after: Scene) -> set[int]:
    """The rows in which two scenes of one raster differ, or may differ."""
    raster = after.raster
    rows: set[int] = set()
    for node, (old, new) in enumerate(zip(before.faces, after.faces, strict=True)):
        if old != new:
            rows.update(raster.rows_of_node(node))
            if (old.state == "not_built") != (new.state == "not_built"):
                for source, target in raster.layout.ports:
                    if target == node:
                        rows.update(raster.rows_of_edge(source, target))
    for edge in _flow_changes(before, after):
        rows.update(raster.rows_of_edge(*edge))
    labelled = before.labels.keys() | after.labels.keys()
    rows.update([row for row in labelled if before.labels.get(row) != after.labels.get(row)])
    return rows


def _flow_changes(before: Scene, after: Scene) -> Iterator[tuple[int, int]]:
    for edge in before.flow.keys() | after.flow.keys():
        if before.flow.get(edge) != after.flow.get(edge):
            yield edge
