"""A trace's graph made ready to paint: `Drawing.scene` adds the states, values and gradients of a moment."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gradb.trace.graph import Flow

from gradb_tui.graph.captions import Face, Look
from gradb_tui.graph.labels import Label, above, below, placed
from gradb_tui.graph.paint import Scene
from gradb_tui.graph.raster import Raster

Gradients = Callable[[int, int], str]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes are numbered in the order in which they are laid out; `keys` has None for the `⋯` of nodes left out.

    `places` gives the number of a key; `above` and `below` the numbers of the `⋯` that stand for the inputs and the
    consumers of a node that are left out, and `hidden` the key of the first made of these. `total` counts the graph's
    nodes; `focus` is the index among them of the node whose surroundings are shown, None where all are.
    """

    keys: tuple[int | None, ...]
    faces: tuple[Face, ...]
    places: Mapping[int, int]
    above: Mapping[int, int]
    below: Mapping[int, int]
    hidden: Mapping[int, int]
    raster: Raster
    look: Look
    shapes: tuple[str, ...]
    marked: bool
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
        gradient_on: Gradients | None = None,
    ) -> Scene:
        """The drawing at a moment. `details` replace the shapes on the second line of boxes, such as by a value.

        `gradient_on` says what to write beside the line from a node to one that reads it, once a gradient went there.
        """
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
        labels = placed(self.raster, self._labels(faces, gradient_on or _no_gradient))
        return Scene(self.raster, self.look, faces, dict(self._edges(flow)), labels, self.marked)

    def _labels(self, faces: tuple[Face, ...], gradient_on: Gradients) -> Iterator[tuple[Label, ...]]:
        """Beside the lines: the gradient that went back on each, and else the shape of the value that goes down."""
        readers: dict[int, list[int]] = {}
        for source, target in self.raster.layout.ports:
            readers.setdefault(source, []).append(target)
        for source, targets in readers.items():
            key, face = self.keys[source], faces[source]
            went = [(t, gradient_on(key, reader)) for t in targets if key is not None and (reader := self.keys[t])]
            went = [(target, text) for target, text in went if text]
            if len(targets) > 1:
                for target, text in went:
                    yield (above(self.raster, source, target, text),)
            elif went and not self.look.boxed:  # a box has room for it inside
                target, text = went[0]
                yield below(self.raster, source, text), above(self.raster, source, target, text)
            shape = self.shapes[source]
            if shape and not (went and len(targets) == 1) and not (self.look.boxed and face.detail == shape):
                yield (below(self.raster, source, shape),)

    def _hidden_state(self, place: int, states: Mapping[int, str]) -> str:
        return "not_built" if states.get(self.hidden[place]) == "not_built" else "built"

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


def _no_gradient(_source: int, _reader: int) -> str:
    return ""
