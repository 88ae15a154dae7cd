"""What two sequences have in common."""

from itertools import pairwise

import pytest
from gradb.debug.edits import common
from hypothesis import given
from hypothesis import strategies as st

sequences = st.lists(st.integers(0, 3), max_size=12)


def _longest(left: list[int], right: list[int]) -> int:
    """The length of the longest common subsequence, by the textbook's table."""
    above = [0] * (len(right) + 1)
    for element in left:
        row = [0]
        for place, other in enumerate(right):
            row.append(above[place] + 1 if element == other else max(above[place + 1], row[place]))
        above = row
    return above[-1]


@given(sequences, sequences)
def test_as_many_elements_are_paired_as_can_be(left: list[int], right: list[int]) -> None:
    assert len(common(left, right)) == _longest(left, right)


@pytest.mark.parametrize("most_edits", [0, 2, 400])
@given(left=sequences, right=sequences)
def test_pairs_are_equal_elements_and_rise_on_both_sides(most_edits: int, left: list[int], right: list[int]) -> None:
    found = common(left, right, most_edits)
    assert all(left[i] == right[j] for i, j in found)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(found))


@pytest.mark.parametrize("most_edits", [0, 400])
def test_the_same_sequence_is_paired_one_by_one(most_edits: int) -> None:
    assert common("abcabc", "abcabc", most_edits) == [(n, n) for n in range(6)]


def test_long_sequences_that_have_little_in_common_are_paired_by_their_occurrences() -> None:
    left = [n % 977 for n in range(5000)]
    right = [n % 977 for n in range(3000, 9000)]
    found = common(left, right)
    assert all(left[i] == right[j] for i, j in found)
    assert len(found) > 1000
