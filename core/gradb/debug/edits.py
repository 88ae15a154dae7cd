"""What two sequences have in common, in order: `common(left, right)` pairs the places of equal elements.

The ends that are the same are found by walking from both ends, so sequences that hardly differ cost linear time. What
lies between goes through Myers' algorithm (An O(ND) Difference Algorithm and Its Variations, 1986) as long as few
edits tell the two apart; else the n-th occurrences of an element are paired, and the longest run of pairs in order is
taken, in O(n log n).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Sequence

MOST_EDITS = 400

Places = list[tuple[int, int]]


def common(left: Sequence[Hashable], right: Sequence[Hashable], most_edits: int = MOST_EDITS) -> Places:
    """Pairs of places (from 0) with equal elements, increasing on both sides."""
    end = min(len(left), len(right))
    first = 0
    while first < end and left[first] == right[first]:
        first += 1
    last = 0
    while last < end - first and left[-1 - last] == right[-1 - last]:
        last += 1
    middle, other = left[first : len(left) - last], right[first : len(right) - last]
    found = _fewest_edits(middle, other, most_edits)
    if found is None:
        found = _occurrences(middle, other)
    return [
        *[(place, place) for place in range(first)],
        *[(first + i, first + j) for i, j in found],
        *[(len(left) - back, len(right) - back) for back in range(last, 0, -1)],
    ]


def _fewest_edits(left: Sequence[Hashable], right: Sequence[Hashable], most: int) -> Places | None:
    """The pairs that the shortest way from one sequence to the other leaves alone; None where it needs more edits.

    On diagonal k, which is the place in the left one minus that in the right one, `furthest[k]` is how far into the
    left one a number of edits has come.
    """
    if not left or not right:
        return []
    furthest = {1: 0}
    history: list[dict[int, int]] = []
    for edits in range(min(most, len(left) + len(right)) + 1):
        history.append(furthest.copy())
        for k in range(-edits, edits + 1, 2):
            i = _begin(furthest, k, edits)
            j = i - k
            while i < len(left) and j < len(right) and left[i] == right[j]:
                i, j = i + 1, j + 1
            furthest[k] = i
            if i >= len(left) and j >= len(right):
                return _way_back(history, i, j)
    return None


def _begin(furthest: dict[int, int], k: int, edits: int) -> int:
    """Where diagonal k is entered: from the one above (an insertion) or from the one below (a deletion)."""
    if k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1]):
        return furthest[k + 1]
    return furthest[k - 1] + 1


def _way_back(history: list[dict[int, int]], i: int, j: int) -> Places:
    found: Places = []
    for edits in range(len(history) - 1, -1, -1):
        furthest, k = history[edits], i - j
        begin = _begin(furthest, k, edits)
        while i > begin:
            i, j = i - 1, j - 1
            found.append((i, j))
        if edits:
            down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
            i, j = (i, j - 1) if down else (i - 1, j)
    found.reverse()
    return found


def _occurrences(left: Sequence[Hashable], right: Sequence[Hashable]) -> Places:
    """The n-th occurrence of an element goes with the n-th on the other side, as far as the order allows."""
    places: defaultdict[Hashable, list[int]] = defaultdict(list)
    for j in range(len(right) - 1, -1, -1):
        places[right[j]].append(j)
    pairs = [(i, places[element].pop()) for i, element in enumerate(left) if places.get(element)]
    ends: list[int] = []  # of the best rising run of each length, the last place on the right
    last: list[int] = []  # and the pair that it is
    before: list[int] = []  # of each pair the one that comes before it in its run
    for number, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(j)
            last.append(number)
        else:
            ends[length], last[length] = j, number
    found: Places = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    found.reverse()
    return found
