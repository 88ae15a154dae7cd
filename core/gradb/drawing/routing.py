"""The lines of a drawing, straight piece by straight piece: `route` gives the bands of a placed graph from the top.

A band is a row of nodes with the lines that pass between them, or the channel between two rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from gradb.drawing.layers import Layers
from gradb.drawing.placement import Extent
from gradb.drawing.tracks import Net, assign_tracks


class Strand(NamedTuple):
    """What a piece of line carries: the value of `source` on its way to `targets`."""

    source: int
    targets: frozenset[int]


class Vertical(NamedTuple):
    """A line in column `x` from the middle of the cell in row `top` to that in row `bottom`."""

    x: int
    top: int
    bottom: int
    strand: Strand


class Horizontal(NamedTuple):
    """A line in row `y` from the middle of the cell in column `left` to that in column `right`."""

    y: int
    left: int
    right: int
    strand: Strand


@dataclass(frozen=True, slots=True)
class Band:
    """Rows `top` to `bottom - 1`: the nodes that stand there, and the lines that show there."""

    top: int
    bottom: int
    nodes: tuple[int, ...]
    verticals: tuple[Vertical, ...]
    horizontals: tuple[Horizontal, ...]


class Spacing(NamedTuple):
    """Empty rows in each channel above and below its tracks, and how high a channel without tracks is."""

    above: int
    below: int
    least: int


Ports = dict[tuple[int, int], tuple[int, ...]]  # (source, target) -> the columns where the source's lines come in


def route(
    layers: Layers,
    rows: Sequence[Sequence[int]],
    anchors: Sequence[int],
    extents: Sequence[Extent],
    inputs: tuple[tuple[int, ...], ...],
    height: int,
    spacing: Spacing,
) -> tuple[list[Band], Ports]:
    """Bands of nodes (`height` rows) and channels in turn, and where each line comes in."""
    bands: list[Band] = []
    ports: Ports = {}
    y = 0
    for index, row in enumerate(rows):
        nodes = tuple(element for element in row if element < layers.node_count)
        passing = tuple(
            Vertical(anchors[element], y - 1, y + height, _strand(layers, element))
            for element in row
            if element >= layers.node_count
        )
        bands.append(Band(y, y + height, nodes, passing, ()))
        y += height
        if index + 1 < len(rows):
            for target in rows[index + 1]:
                if target < layers.node_count:
                    _assign_ports(target, layers, anchors, extents, inputs, ports)
            channel = _channel(row, layers, anchors, ports, y, spacing)
            bands.append(channel)
            y = channel.bottom
    return bands, ports


def _strand(layers: Layers, element: int) -> Strand:
    return Strand(layers.source[element], layers.reaches[element])


def _assign_ports(
    target: int,
    layers: Layers,
    anchors: Sequence[int],
    extents: Sequence[Extent],
    inputs: tuple[tuple[int, ...], ...],
    ports: Ports,
) -> None:
    """Columns over the node, one for each input, in the order of the lines above: straight down where that can be."""
    arriving = sorted(layers.above[target], key=lambda element: anchors[element])
    lines = [element for element in arriving for _ in range(inputs[target].count(layers.source[element]))]
    left, right = anchors[target] - extents[target].left, anchors[target] + extents[target].right
    wishes = [anchors[element] for element in lines]
    columns = _spread(wishes, left, right, 1) if right - left >= 2 * len(lines) else []
    if any(left <= wish <= right and wish not in columns for wish in wishes) or not columns:
        columns = _spread(wishes, left, right, 0)
    found: dict[int, list[int]] = {}
    for element, column in zip(lines, columns, strict=True):
        found.setdefault(layers.source[element], []).append(column)
    for source, own in found.items():
        ports[source, target] = tuple(own)


def _spread(wishes: Sequence[int], left: int, right: int, inset: int) -> list[int]:
    """Columns from left to right, two apart, near to the wishes; wishes outside come in `inset` from the corner."""
    twins = {wish: wishes.count(wish) - 1 for wish in wishes}
    columns: list[int] = []
    for index, wish in enumerate(wishes):
        near = left + inset if wish < left else right - inset if wish > right else wish
        near += 2 * (index - wishes.index(wish)) - twins[wish]
        columns.append(max(near, columns[-1] + 2 if columns else left))
    limit = right
    for index in range(len(columns) - 1, -1, -1):
        columns[index] = min(columns[index], limit)
        limit = columns[index] - 2
    return columns


def _channel(
    row: Sequence[int], layers: Layers, anchors: Sequence[int], ports: Ports, y: int, spacing: Spacing
) -> Band:
    straight: list[Net] = []
    bent: list[Net] = []
    taken: set[int] = set()
    for element in row:
        source = layers.source[element]
        pins: list[tuple[int, frozenset[int]]] = []
        for target in layers.below[element]:
            if target < layers.node_count:
                pins.extend((column, frozenset((target,))) for column in ports[source, target])
            else:
                pins.append((anchors[target], layers.reaches[target]))
        if pins:
            net = Net(source, anchors[element], tuple(sorted(pins, key=lambda pin: pin[0])))
            taken.add(net.top)
            taken.update(column for column, _ in pins)
            (straight if net.low == net.high else bent).append(net)
    tracks = assign_tracks(bent, taken)
    bottom = y + (max(spacing.least, tracks.count + spacing.above + spacing.below) if tracks.count else spacing.least)
    verticals = [Vertical(net.top, y - 1, bottom, Strand(net.source, net.pins[0][1])) for net in straight]
    horizontals: list[Horizontal] = []
    first = y + spacing.above
    continued = {net.after for net in tracks.nets}
    for index, net in enumerate(tracks.nets):
        start = y - 1 if net.after is None else first + tracks.tracks[net.after]
        at = first + tracks.tracks[index]
        verticals.append(Vertical(net.top, start, at, Strand(net.source, _union(targets for _, targets in net.pins))))
        if index not in continued:
            verticals.extend(Vertical(column, at, bottom, Strand(net.source, to)) for column, to in net.pins)
        horizontals.extend(_along(net, at))
    return Band(y, bottom, (), tuple(verticals), tuple(horizontals))


def _along(net: Net, at: int) -> Iterator[Horizontal]:
    """The pieces of a net along its track; each carries what the pins beyond it lead to."""
    columns = sorted({net.top, *(column for column, _ in net.pins)})
    for left, right in pairwise(columns):
        if left >= net.top:
            beyond = _union(targets for column, targets in net.pins if column >= right)
        else:
            beyond = _union(targets for column, targets in net.pins if column <= left)
        yield Horizontal(at, left, right, Strand(net.source, beyond))


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset[int]().union(*sets)
