"""What of a graph is drawn, and how: `draw` gives the roomiest drawing that fits into a number of cells."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from gradb.drawing.layout import Structure, lay_out, least_size
from gradb.drawing.neighbourhood import neighbourhood
from gradb.trace.graph import Graph, GraphNode

from gradb_tui.graph.captions import MORE, SIGNS, ZOOMS, Face, Look, caption, shape_text, width_of
from gradb_tui.graph.drawing import Drawing
from gradb_tui.graph.raster import Raster

WHOLE = 40  # graphs up to this many nodes are always shown whole
_NEAR = 30  # of a larger one that does not fit, so many around a node
_MANY = 120  # where their names alone are shown
_TOO_MANY = 200  # beyond, a layout takes longer than a key press may


def draw(graph: Graph, width: int, height: int, focus: int | None = None, zoom: str = "fit") -> Drawing:
    """The roomiest drawing of a graph that fits in a number of cells, or the tightest that there is in a zoom.

    Of a large graph that fits in no way, only the surroundings of `focus` are drawn.
    """
    whole = WHOLE if zoom != "names" else _TOO_MANY
    if len(graph.nodes) <= whole:
        return _drawing(graph, width, height, zoom)
    if len(graph.nodes) <= _TOO_MANY and zoom == "fit":
        whole = _drawing(graph, width, height, zoom)
        layout = whole.raster.layout
        if layout.width <= width and layout.height <= height:
            return whole
    if focus not in graph.by_key:
        focus = graph.nodes[-1].key
    inputs = Inputs(graph)
    near = neighbourhood(focus, inputs, graph.consumers, _NEAR if zoom != "names" else _MANY)
    return _drawing(graph, width, height, zoom, near, focus)


def counterpart(drawing: Drawing | None, graph: Graph) -> int | None:
    """The node of a graph that stands where a drawing's focus stood, when both have equally many nodes."""
    if drawing is None or drawing.total != len(graph.nodes):
        return None
    return None if drawing.focus is None else graph.nodes[drawing.focus].key


def _drawing(
    graph: Graph, width: int, height: int, zoom: str, part: set[int] | None = None, focus: int | None = None
) -> Drawing:
    nodes: list[GraphNode | None] = []
    inputs: list[tuple[int, ...]] = []
    places: dict[int, int] = {}
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    hidden: dict[int, int] = {}

    def add(node: GraphNode | None, own: tuple[int, ...]) -> int:
        nodes.append(node)
        inputs.append(own)
        return len(nodes) - 1

    def first_made(keys: Sequence[int]) -> int:
        return min(keys, key=lambda key: graph.by_key[key].forward)

    for node in graph.nodes:
        if part is None:
            places[node.key] = add(node, tuple(places[key] for key in node.inputs))
        elif node.key in part:
            own = [places[key] for key in node.inputs if key in part]
            if len(own) < len(node.inputs):
                above[node.key] = add(None, ())
                hidden[above[node.key]] = first_made([key for key in node.inputs if key not in part])
                own.append(above[node.key])
            places[node.key] = add(node, tuple(own))
    for key, place in list(places.items()):
        users = tuple(user for user in graph.consumers.get(key, ()) if user not in places)
        if users:
            below[key] = add(None, (place,))
            hidden[below[key]] = first_made(users)
    looks = ZOOMS[zoom]
    if zoom == "fit" and len(graph.nodes) > WHOLE:
        looks = tuple(look for look in looks if not look.boxed)
    marked = any(node.captured for node in graph.nodes)
    look, raster = _choose(tuple(nodes), tuple(inputs), looks, marked, width, height)
    return Drawing(
        keys=tuple(None if node is None else node.key for node in nodes),
        faces=tuple(_face(node, look, marked) for node in nodes),
        places=places,
        above=above,
        below=below,
        hidden=hidden,
        raster=raster,
        look=look,
        shapes=tuple("" if node is None or not node.shape else shape_text(node.shape) for node in nodes),
        marked=marked,
        total=len(graph.nodes),
        focus=None if focus is None else next(i for i, node in enumerate(graph.nodes) if node.key == focus),
    )


def _choose(
    nodes: tuple[GraphNode | None, ...],
    inputs: tuple[tuple[int, ...], ...],
    looks: tuple[Look, ...],
    marked: bool,
    width: int,
    height: int,
) -> tuple[Look, Raster]:
    for look in looks:
        structure = _structure(nodes, inputs, look, marked)
        least_width, least_height = least_size(structure)
        if least_width <= width and least_height <= height:
            raster = raster_of(structure)
            if raster.layout.width <= width and raster.layout.height <= height:
                return look, raster
    return looks[-1], raster_of(_structure(nodes, inputs, looks[-1], marked))


def _structure(
    nodes: tuple[GraphNode | None, ...], inputs: tuple[tuple[int, ...], ...], look: Look, marked: bool
) -> Structure:
    widths = tuple(
        3 if node is None else width_of(_caption(node, look, marked), node.shape, node.role, look) for node in nodes
    )
    return Structure(inputs, widths, look.height, look.spacing)


def _face(node: GraphNode | None, look: Look, marked: bool) -> Face:
    if node is None:
        return Face("⋯", "", MORE)
    return Face(_caption(node, look, marked), shape_text(node.shape), node.role)


def _caption(node: GraphNode, look: Look, marked: bool) -> str:
    """Where some nodes are captured, ops say whether they are, or are new."""
    sign = ""
    if marked and node.role not in ("leaf", "constant"):
        sign = SIGNS["captured"] if node.captured else SIGNS["new"] if node.new else ""
    return caption(node.label, node.name, node.role, look, sign)


class Inputs(Mapping[int, tuple[int, ...]]):
    """The inputs of a graph's nodes by key, without going through all of them."""

    def __init__(self, graph: Graph) -> None:
        self._nodes = graph.by_key

    def __getitem__(self, key: int) -> tuple[int, ...]:
        return self._nodes[key].inputs

    def __iter__(self) -> Iterator[int]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


@lru_cache(maxsize=64)
def raster_of(structure: Structure) -> Raster:
    """Equal structures share their raster, so that two steps of a training differ only in their states."""
    return Raster(lay_out(structure))
