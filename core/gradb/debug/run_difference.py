"""Where two runs differ, from the first event to the last: `RunDifference(alignment, tolerance)`, then `find()`."""

from msgspec import Struct

from gradb.debug.alignment import Alignment, Pair
from gradb.debug.comparing import Apart, Comparing, Difference, SameText, Tolerance


class Divergence(Struct, frozen=True):
    """The first pair that differs. `difference` is None where the event of one run has none in the other.

    `before`: how far each run had come before, by the number of its last event.
    """

    pair: Pair
    before: Pair
    difference: Difference | None


class TensorDifference(Struct):
    """What the runs wrote under one name: how often both did, how often beyond the tolerance, first in which pair.

    `distance` is the largest distance of two elements, `relative` that of an array as a part of its largest number.
    """

    writes: int = 0
    far: int = 0
    first: Pair | None = None
    distance: float = 0.0
    relative: float = 0.0

    def note(self, apart: Apart, pair: Pair) -> None:
        """One more array that both wrote."""
        self.writes += 1
        self.distance = max(self.distance, apart.distance)
        if apart.distance:
            self.relative = max(self.relative, apart.distance / apart.scale if apart.scale else float("inf"))
        if apart.far:
            self.far += 1
            self.first = self.first or pair


class RunDifference:
    """The differences of two aligned runs. `compared` grows while `find` works, for who shows its progress."""

    def __init__(self, alignment: Alignment, tolerance: Tolerance, same_text: SameText | None = None) -> None:
        self.alignment = alignment
        self.first: Divergence | None = None
        self.same = 0
        self.different = 0
        self.only_left = 0
        self.only_right = 0
        self.tensors: dict[str, TensorDifference] = {}
        self._seen = Pair(0, 0)
        self._comparing = Comparing(alignment, tolerance, same_text)

    @property
    def compared(self) -> int:
        """How many events of both runs together have been looked at."""
        return 2 * (self.same + self.different) + self.only_left + self.only_right

    def find(self) -> None:
        """Compares the runs to their ends."""
        for pair in self.alignment.pairs():
            if pair.left and pair.right:
                self._compare(pair)
            elif pair.left:
                self.only_left += 1
                self._parted(pair, None)
            else:
                self.only_right += 1
                self._parted(pair, None)
            self._seen = Pair(pair.left or self._seen.left, pair.right or self._seen.right)

    def _compare(self, pair: Pair) -> None:
        found = self._comparing.compare(pair)
        if found.difference is None:
            self.same += 1
        else:
            self.different += 1
            self._parted(pair, found.difference)
        for apart in found.arrays:
            self.tensors.setdefault(apart.name, TensorDifference()).note(apart, pair)

    def _parted(self, pair: Pair, difference: Difference | None) -> None:
        if self.first is None:
            self.first = Divergence(pair, self._seen, difference)
