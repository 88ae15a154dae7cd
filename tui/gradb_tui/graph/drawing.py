"""A trace's graph made ready to paint: `draw` chooses what is shown and how, `Drawing.scene` adds a moment's states."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from gradb.drawing.layout import Structure, lay_out, least_size
from gradb.drawing.neighbourhood import neighbourhood
from gradb.trace.graph import Flow, Graph, GraphNode

from gradb_tui.graph.captions import LOOKS, MORE, Face, Look, caption, shape_text, width_of
from gradb_tui.graph.paint import Scene
from gradb_tui.graph.raster import Raster

WHOLE = 40  # graphs up to this many nodes are always shown whole
_NEAR = 30  # of a larger one that does not fit, so many around a node
_TOO_MANY = 200  # beyond, a layout takes longer than a key press may


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes are numbered in the order in which they are laid out; `keys` has None for the `⋯` of nodes left out.

    `places` gives the number of a key; `above` and `below` the numbers of the `⋯` that stand for the inputs and the
    consumers of a node that are left out, and `hidden` the keys that each of them stands for. `total` counts the
    graph's nodes; `focus` is the index among them of the node whose surroundings are shown, None where all are.
    """

    keys: tuple[int | None, ...]
    faces: tuple[Face, ...]
    places: Mapping[int, int]
    above: Mapping[int, int]
    below: Mapping[int, int]
    hidden: Mapping[int, tuple[int, ...]]
    raster: Raster
    look: Look
    total: int
    focus: int | None

    @property
    def shown(self) -> int:
        return len(self.places)

    def scene(
        self,
        states: Mapping[int, str],
        flow: Flow,
        details: Mapping[int, str] | None = None,
        chosen: int | None = None,
    ) -> Scene:
        """The drawing at a moment. `details` replace the shapes on the second line of boxes, such as by a value."""
        details = details or {}
        faces = tuple(
            face._replace(state=self._hidden_state(place, states))
            if key is None
            else Face(
                face.text,
                details.get(key, face.detail),
                face.role,
                states.get(key, "built"),
                key == flow.current,
                key == chosen,
            )
            for place, (key, face) in enumerate(zip(self.keys, self.faces, strict=True))
        )
        return Scene(self.raster, self.look, faces, dict(self._edges(flow)))

    def _hidden_state(self, place: int, states: Mapping[int, str]) -> str:
        return "not_built" if all(states.get(key) == "not_built" for key in self.hidden[place]) else "built"

    def step(self, start: int | None, by: int) -> int | None:
        """The key of the node that comes `by` nodes after another, from the top down and left to right."""
        boxes = self.raster.layout.boxes
        keys = sorted(self.places, key=lambda key: (boxes[self.places[key]].y, boxes[self.places[key]].x))
        if not keys:
            return None
        if start is None or start not in self.places:
            return keys[0]
        return keys[max(0, min(keys.index(start) + by, len(keys) - 1))]

    def _edges(self, flow: Flow) -> Iterator[tuple[tuple[int, int], bool]]:
        """The flowing edges as they are drawn, from input to consumer, and whether data goes up on them."""
        ports = self.raster.layout.ports
        for start, end in flow.edges:
            for source, target, upward in ((start, end, False), (end, start, True)):
                shown = (
                    self.places.get(source, self.above.get(target, -1)),
                    self.places.get(target, self.below.get(source, -1)),
                )
                if shown in ports:
                    yield shown, upward
                    break


def draw(graph: Graph, width: int, height: int, focus: int | None = None) -> Drawing:
    """The roomiest drawing of a graph that fits in a number of cells, or the tightest that there is.

    Of a large graph that fits in no way, only the surroundings of `focus` are drawn.
    """
    if len(graph.nodes) <= WHOLE:
        return _drawing(graph, width, height)
    if len(graph.nodes) <= _TOO_MANY:
        whole = _drawing(graph, width, height)
        layout = whole.raster.layout
        if layout.width <= width and layout.height <= height:
            return whole
    if focus not in graph.by_key:
        focus = graph.nodes[-1].key
    near = neighbourhood(focus, {node.key: node.inputs for node in graph.nodes}, graph.consumers, _NEAR)
    return _drawing(graph, width, height, near, focus)


def counterpart(drawing: Drawing | None, graph: Graph) -> int | None:
    """The node of a graph that stands where a drawing's focus stood, when both have equally many nodes."""
    if drawing is None or drawing.total != len(graph.nodes):
        return None
    return None if drawing.focus is None else graph.nodes[drawing.focus].key


def _drawing(graph: Graph, width: int, height: int, part: set[int] | None = None, focus: int | None = None) -> Drawing:
    nodes: list[GraphNode | None] = []
    inputs: list[tuple[int, ...]] = []
    places: dict[int, int] = {}
    above: dict[int, int] = {}
    below: dict[int, int] = {}
    hidden: dict[int, tuple[int, ...]] = {}

    def add(node: GraphNode | None, own: tuple[int, ...]) -> int:
        nodes.append(node)
        inputs.append(own)
        return len(nodes) - 1

    for node in graph.nodes:
        if part is None:
            places[node.key] = add(node, tuple(places[key] for key in node.inputs))
        elif node.key in part:
            own = [places[key] for key in node.inputs if key in part]
            if len(own) < len(node.inputs):
                above[node.key] = add(None, ())
                hidden[above[node.key]] = tuple(key for key in node.inputs if key not in part)
                own.append(above[node.key])
            places[node.key] = add(node, tuple(own))
    for key, place in list(places.items()):
        users = tuple(user for user in graph.consumers.get(key, ()) if user not in places)
        if users:
            below[key] = add(None, (place,))
            hidden[below[key]] = users
    looks = LOOKS if len(graph.nodes) <= WHOLE else tuple(look for look in LOOKS if not look.boxed)
    look, raster = _choose(tuple(nodes), tuple(inputs), looks, width, height)
    return Drawing(
        keys=tuple(None if node is None else node.key for node in nodes),
        faces=tuple(_face(node, look) for node in nodes),
        places=places,
        above=above,
        below=below,
        hidden=hidden,
        raster=raster,
        look=look,
        total=len(graph.nodes),
        focus=None if focus is None else next(i for i, node in enumerate(graph.nodes) if node.key == focus),
    )


def _choose(
    nodes: tuple[GraphNode | None, ...],
    inputs: tuple[tuple[int, ...], ...],
    looks: tuple[Look, ...],
    width: int,
    height: int,
) -> tuple[Look, Raster]:
    for look in looks:
        structure = _structure(nodes, inputs, look)
        least_width, least_height = least_size(structure)
        if least_width <= width and least_height <= height:
            raster = raster_of(structure)
            if raster.layout.width <= width and raster.layout.height <= height:
                return look, raster
    return looks[-1], raster_of(_structure(nodes, inputs, looks[-1]))


def _structure(nodes: tuple[GraphNode | None, ...], inputs: tuple[tuple[int, ...], ...], look: Look) -> Structure:
    widths = tuple(
        3 if node is None else width_of(caption(node.label, node.name, node.role, look), node.shape, node.role, look)
        for node in nodes
    )
    return Structure(inputs, widths, look.height, look.spacing)


def _face(node: GraphNode | None, look: Look) -> Face:
    if node is None:
        return Face("⋯", "", MORE)
    return Face(caption(node.label, node.name, node.role, look), shape_text(node.shape), node.role)


@lru_cache(maxsize=64)
def raster_of(structure: Structure) -> Raster:
    """Equal structures share their raster, so that two steps of a training differ only in their states."""
    return Raster(lay_out(structure))
