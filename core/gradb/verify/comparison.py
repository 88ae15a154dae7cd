"""Comparing two traces of one program: `compare(ours, theirs)` counts what agrees, and says where they part first."""

from collections import Counter

from msgspec import Struct

from gradb.trace.trace import Trace
from gradb.verify.matching import Matching
from gradb.verify.parts import Difference
from gradb.verify.sequence import Item, left_out, sequence


class Divergence(Struct, frozen=True):
    """The first items that differ; None stands for the end of a run. `differences` are all that differs in them."""

    ours: Item | None
    theirs: Item | None
    differences: tuple[Difference, ...]


class Comparison(Struct, frozen=True):
    """What two runs have in common.

    `agreed` counts by kind of event, and under "name" the variables, what is equal before the divergence. `near` of
    the printed texts are equal but for numbers within the tolerance. `left_out` counts by kind, for each run, the
    events that were not compared as events.
    """

    agreed: Counter[str]
    near: int
    left_out: tuple[Counter[str], Counter[str]]
    divergence: Divergence | None = None


def compare(ours: Trace, theirs: Trace) -> Comparison:
    """Compares events one by one, in order: see `sequence` for which, `Matching` for what of them."""
    matching = Matching(ours, theirs)
    left, right = sequence(ours), sequence(theirs)
    agreed: Counter[str] = Counter()
    divergence = None
    for i in range(max(len(left), len(right))):
        a, b = (left[i] if i < len(left) else None), (right[i] if i < len(right) else None)
        if a is None or b is None:
            divergence = Divergence(a, b, ())
            break
        differences = tuple(matching.differences(a, b))
        if differences:
            divergence = Divergence(a, b, differences)
            break
        agreed[a.kind] += 1
    return Comparison(agreed, matching.near, (left_out(ours), left_out(theirs)), divergence)
