"""Where each pane stands: `arrange(width, height, recent)` for any size, without an app.

Small terminals stack panes in one place: the one that was used last is shown. `recent` lists panes, last used first.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from textual.geometry import Region

from gradb_tui.keys import PANES
from gradb_tui.panes.gaps import fill_gaps


@dataclass(frozen=True)
class Arrangement:
    """The region of each pane that is shown, and the panes that share a place."""

    places: dict[str, Region]
    stacks: tuple[tuple[str, ...], ...] = ()

    def stack_of(self, pane: str) -> tuple[str, ...]:
        """The panes that share a place with this one; empty where it stands alone."""
        return next((stack for stack in self.stacks if pane in stack), ())


def arrange(
    width: int, height: int, recent: Sequence[str], *, zoomed: bool = False, hidden: Collection[str] = ()
) -> Arrangement:
    """The arrangement of the panes in a space of that many cells; what is hidden leaves its place to its neighbours."""
    whole = Region(0, 0, width, height)
    plan = _plan(whole, zoomed=zoomed)
    shown = [(region, tuple(pane for pane in panes if pane not in hidden)) for region, panes in plan]
    return _placed(fill_gaps(shown), recent)


Plan = list[tuple[Region, tuple[str, ...]]]
ASIDE = ("tensor", "graph", "charts", "watch", "compare")  # what shares the last place of a small terminal


def _plan(whole: Region, *, zoomed: bool) -> Plan:
    width, height = whole.size
    if zoomed or width < 36 or height < 8:
        return [(whole, tuple(PANES))]
    if width < 60:
        return _one_column(whole)
    if height < 15:
        left, right = _columns(whole, 1, 1)
        return [(left, ("source", "notes")), (right, ("event", *ASIDE))]
    if width < 110 or height < 30:
        return _compact(whole)
    if width < 170 or height < 40:
        return _standard(whole)
    return _wide(whole)


def _one_column(whole: Region) -> Plan:
    if whole.height < 20:
        top, bottom = _rows(whole, 1, 1)
        return [(top, ("source", "notes")), (bottom, ("event", *ASIDE))]
    source, event, rest = _rows(whole, 5, 3, 5)
    return [
        (source, ("source", "notes")),
        (event, ("event",)),
        (rest, ASIDE),
    ]


def _compact(whole: Region) -> Plan:
    left, right = _columns(whole, 1, 1)
    source, notes = _rows(left, 13, 7)
    event, rest = _rows(right, 8, 12)
    return [
        (source, ("source",)),
        (event, ("event",)),
        (rest, ASIDE),
        (notes, ("notes",)),
    ]


def _standard(whole: Region) -> Plan:
    left, right = _columns(whole, 2, 3)
    source, tensor, watch = _rows(left, 16, 12, 8)
    upper, lower = _rows(right, 9, 27)
    graph, side = _columns(lower, 7, 6)
    notes, charts = _rows(side, 13, 14)
    return [
        (source, ("source",)),
        (upper, ("event",)),
        (tensor, ("tensor",)),
        (graph, ("graph", "compare")),
        (charts, ("charts",)),
        (notes, ("notes",)),
        (watch, ("watch",)),
    ]


def _wide(whole: Region) -> Plan:
    left, middle, right = _columns(whole, 6, 8, 6)
    source, notes = _rows(left, 28, 18)
    event, graph = _rows(middle, 10, 36)
    tensor, watch, charts = _rows(right, 15, 14, 17)
    return [
        (source, ("source",)),
        (event, ("event",)),
        (tensor, ("tensor",)),
        (graph, ("graph", "compare")),
        (charts, ("charts",)),
        (notes, ("notes",)),
        (watch, ("watch",)),
    ]


def _placed(plan: Plan, recent: Sequence[str]) -> Arrangement:
    places = {next((p for p in recent if p in panes), panes[0]): region for region, panes in plan}
    return Arrangement(places, tuple(panes for _, panes in plan if len(panes) > 1))


def _cuts(total: int, weights: Sequence[int]) -> list[int]:
    """Where to cut a length so that its pieces are to each other as the weights."""
    whole = sum(weights)
    cuts = [0]
    for weight in weights:
        cuts.append(cuts[-1] + weight)
    return [round(total * cut / whole) for cut in cuts]


def _columns(region: Region, *weights: int) -> list[Region]:
    cuts = _cuts(region.width, weights)
    return [Region(region.x + a, region.y, b - a, region.height) for a, b in pairwise(cuts)]


def _rows(region: Region, *weights: int) -> list[Region]:
    cuts = _cuts(region.height, weights)
    return [Region(region.x, region.y + a, region.width, b - a) for a, b in pairwise(cuts)]
