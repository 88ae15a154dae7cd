"""Places that no pane needs any more: `fill_gaps` gives each to the neighbours along one of its sides."""

from collections.abc import Sequence

from textual.geometry import Region

Places = Sequence[tuple[Region, tuple[str, ...]]]


def fill_gaps(plan: Places) -> list[tuple[Region, tuple[str, ...]]]:
    """The plan without the regions that have no pane; the others grow, so that no cell is left over."""
    places = list(plan)
    while len(places) > 1:
        gap = next((i for i, (_, panes) in enumerate(places) if not panes), None)
        if gap is None:
            break
        region = places.pop(gap)[0]
        grown = next(filter(None, (_grown(places, region, side) for side in ("left", "right", "above", "below"))), None)
        if grown is None:
            places.insert(gap, (region, ()))
            break
        places = grown
    return [(region, panes) for region, panes in places if panes]


def _grown(places: Places, gap: Region, side: str) -> list[tuple[Region, tuple[str, ...]]] | None:
    """The places with those on one side of the gap stretched over it; None where they do not fill that side exactly."""
    beside = side in ("left", "right")
    edge = {"left": gap.x, "right": gap.right, "above": gap.y, "below": gap.bottom}[side]
    near: list[int] = []
    for i, (region, _) in enumerate(places):
        touches = {"left": region.right, "right": region.x, "above": region.bottom, "below": region.y}[side] == edge
        within = (
            gap.y <= region.y and region.bottom <= gap.bottom
            if beside
            else gap.x <= region.x and region.right <= gap.right
        )
        if touches and within:
            near.append(i)
    covered = sum(places[i][0].height if beside else places[i][0].width for i in near)
    if not near or covered != (gap.height if beside else gap.width):
        return None
    return [
        (region.union(_part(region, gap, beside)), p) if i in near else (region, p)
        for i, (region, p) in enumerate(places)
    ]


def _part(region: Region, gap: Region, beside: bool) -> Region:
    """The part of the gap that lies beside a region, or above or below it."""
    if beside:
        return Region(gap.x, region.y, gap.width, region.height)
    return Region(region.x, gap.y, region.width, gap.height)
