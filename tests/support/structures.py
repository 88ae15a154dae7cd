"""Random graphs to lay out: `structures(...)` is a hypothesis strategy of what a layout takes."""

from collections.abc import Sequence

from gradb.drawing.layout import Structure
from gradb.drawing.routing import Spacing
from hypothesis import strategies as st


@st.composite
def structures(draw: st.DrawFn, looks: Sequence[tuple[int, Spacing]]) -> Structure:
    """Up to 24 nodes, each with inputs before it; `looks` are the heights of nodes and the spaces between them."""
    count = draw(st.integers(1, 24))
    inputs: list[tuple[int, ...]] = []
    for node in range(count):
        before = st.integers(max(0, node - 9), node - 1) if node else st.nothing()
        inputs.append(tuple(draw(st.lists(before, max_size=min(node, 4)))))
    widths = tuple(draw(st.lists(st.integers(3, 14), min_size=count, max_size=count)))
    height, spacing = draw(st.sampled_from(looks))
    return Structure(tuple(inputs), widths, height, spacing)
