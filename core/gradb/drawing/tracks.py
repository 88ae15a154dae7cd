"""Lines between two rows of nodes, on tracks one below the other so that none runs over another: `assign_tracks`.

A net is one node's line in the channel between two rows: from its top down to its track, along it, and down to each
of its pins. Where one net ends in the column in which another begins, the one that begins there takes the higher
track. Two nets that would both have to be higher (they swap columns) are told apart by splitting one in two at a
free column.
"""

from collections.abc import Sequence
from dataclasses import dataclass

_MANY = 60


@dataclass(frozen=True, slots=True)
class Net:
    """`pins` are columns with the nodes that each leads to, in order. `after` is the place of the net it continues."""

    source: int
    top: int
    pins: tuple[tuple[int, frozenset[int]], ...]
    after: int | None = None

    @property
    def low(self) -> int:
        return min(self.top, self.pins[0][0])

    @property
    def high(self) -> int:
        return max(self.top, self.pins[-1][0])


@dataclass(frozen=True, slots=True)
class Tracks:
    """The nets in the order of their tracks, the track of each, how many there are."""

    nets: list[Net]
    tracks: list[int]
    count: int


def assign_tracks(nets: Sequence[Net], taken: set[int]) -> Tracks:
    """Nets that bend, on as few tracks as their order allows; `taken` are all columns in which lines run down."""
    waiting = list(nets)
    placed: list[Net] = []
    while waiting:
        tops = {net.top: net for net in waiting}
        free = [net for net in waiting if all(tops.get(column, net) is net for column, _ in net.pins)]
        if free:
            chosen = free[0] if len(free) == 1 or len(waiting) > _MANY else min(free, key=_Price(waiting))
            waiting.remove(chosen)
            placed.append(chosen)
        else:
            _split(waiting, placed, taken)
    tracks: list[int] = []
    for net in placed:
        low, high = net.low - 1, net.high + 1
        higher = (
            track for other, track in zip(placed, tracks, strict=False) if other.low <= high and low <= other.high
        )
        tracks.append(1 + max(higher, default=-1))
    return Tracks(placed, tracks, 1 + max(tracks, default=-1))


class _Price:
    """Crossings that a net costs when it lies above all that wait, against lying below them."""

    def __init__(self, waiting: list[Net]) -> None:
        self._spans = [(net, net.low, net.high) for net in waiting]

    def __call__(self, net: Net) -> tuple[int, int, int]:
        low, high = net.low, net.high
        cost = 0
        for other, other_low, other_high in self._spans:
            if other is net or other_low > high or low > other_high:
                continue
            cost += sum(other_low < column < other_high for column, _ in net.pins) + (low < other.top < high)
            cost -= sum(low < column < high for column, _ in other.pins) + (other_low < net.top < other_high)
        return cost, high - low, low


def _split(waiting: list[Net], placed: list[Net], taken: set[int]) -> None:
    """Place the upper half of a net now: it runs to a free column, from which the other half goes on."""
    net = min(waiting, key=lambda one: (len(one.pins), one.high - one.low))
    aside = next(
        column
        for away in range(1, len(taken) + 2)
        for column in (net.top + away, net.top - away)
        if column >= 0 and column not in taken
    )
    taken.add(aside)
    reached = frozenset[int]().union(*(targets for _, targets in net.pins))
    waiting.remove(net)
    placed.append(Net(net.source, net.top, ((aside, reached),), net.after))
    waiting.append(Net(net.source, aside, net.pins, len(placed) - 1))
