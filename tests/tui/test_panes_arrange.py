"""The panes at every size: inside the space, side by side without overlap, each reachable."""

from collections import Counter

import pytest
from gradb_tui.keys import PANES
from gradb_tui.panes.arrange import arrange
from gradb_tui.panes.body import FIRST_USED
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region


@given(st.integers(0, 320), st.integers(0, 120), st.permutations(list(PANES)), st.booleans())
def test_panes_tile_the_space_and_the_one_in_use_is_always_shown(
    width: int, height: int, recent: list[str], zoomed: bool
) -> None:
    arrangement = arrange(width, height, recent, zoomed=zoomed)
    regions = list(arrangement.places.values())
    assert recent[0] in arrangement.places
    assert sum(region.area for region in regions) == width * height
    assert all(Region(0, 0, width, height).contains_region(region) for region in regions)
    assert not any(a.overlaps(b) for i, a in enumerate(regions) for b in regions[i + 1 :])


@given(st.integers(0, 320), st.integers(0, 120))
def test_every_pane_is_shown_or_shares_a_place_with_one_that_is(width: int, height: int) -> None:
    arrangement = arrange(width, height, FIRST_USED)
    for pane in PANES:
        assert pane in arrangement.places or pane in arrangement.stack_of(pane)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((80, 20), {"source", "event", "tensor", "notes"}),
        ((120, 36), set(PANES) - {"compare"}),
        ((200, 46), set(PANES) - {"compare"}),
        ((30, 20), {"source"}),
    ],
)
def test_what_is_shown_at_the_usual_sizes(size: tuple[int, int], shown: set[str]) -> None:
    assert set(arrange(*size, FIRST_USED).places) == shown


@pytest.mark.parametrize("size", [(20, 5), (50, 25), (80, 24), (100, 12), (120, 40), (200, 50)])
@given(hidden=st.sets(st.sampled_from(list(PANES)), max_size=len(PANES) - 1))
def test_what_is_hidden_leaves_its_place_to_others_and_no_cell_is_left(size: tuple[int, int], hidden: set[str]) -> None:
    places = arrange(*size, list(PANES), hidden=hidden).places
    assert not hidden & places.keys()
    cells = Counter((x, y) for r in places.values() for x in range(r.x, r.right) for y in range(r.y, r.bottom))
    assert len(cells) == size[0] * size[1]
    assert set(cells.values()) == {1}
