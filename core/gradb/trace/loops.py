"""The turns of a program's loops: `Turn` is one turn, `Loops` finds where a turn such as `epoch 2, batch 3` lies.

Only loops in which backward runs are known. A loop is called by its variable, turns count from 1.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gradb.trace.index import Index


class Turn(NamedTuple):
    """One turn of a loop: what the loop is called, which turn, and the first event in it."""

    loop: str
    number: int
    since: int


class Loops:
    """Searches the turns that an index has."""

    def __init__(self, index: "Index") -> None:
        self._index = index

    @property
    def names(self) -> Sequence[str]:
        """What the loops are called, the outermost first."""
        return self._index.loops()

    def span(self, path: Sequence[tuple[str, int]]) -> tuple[int, int] | None:
        """The first and last event of a turn: the first such turn within the turns before it in the path."""
        first, last = 1, len(self._index)
        for loop, number in path:
            turns = self._index.loop_turns(loop)
            low = bisect_left(turns, first, key=_since)
            high = bisect_right(turns, last, key=_since)
            place = next((i for i in range(low, high) if turns[i][1] == number), None)
            if place is None:
                return None
            first = turns[place][0]
            if place + 1 < len(turns):
                last = min(last, turns[place + 1][0] - 1)
        return first, last

    def borders(self) -> Sequence[tuple[int, int]]:
        """First event and number of each turn of the outermost of nested loops; empty where no loop is in another."""
        names = self._index.loops()
        return self._index.loop_turns(names[0]) if len(names) > 1 else ()


def add_turns(known: dict[str, list[tuple[int, int]]], turns: Iterable[Turn]) -> None:
    """Adds turns to those that are known: by loop, first event and number of each, in order."""
    for turn in turns:
        of_loop = known.setdefault(turn.loop, [])
        if not of_loop or of_loop[-1][0] < turn.since:
            of_loop.append((turn.since, turn.number))


def _since(turn: tuple[int, int]) -> int:
    return turn[0]
