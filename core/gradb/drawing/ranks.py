"""Which row each node of a graph stands in: `assign_ranks`, and `consumers_of` for the edges the other way round.

A graph is given as `inputs`: for each node the nodes it reads. A node reads only nodes that come before it.
"""

from collections.abc import Sequence
from typing import TypeAlias

Inputs: TypeAlias = "tuple[tuple[int, ...], ...]"


def consumers_of(inputs: Inputs) -> list[list[int]]:
    """For each node the nodes that read it, in order, each once."""
    consumers: list[list[int]] = [[] for _ in inputs]
    for node, sources in enumerate(inputs):
        for source in dict.fromkeys(sources):
            consumers[source].append(node)
    return consumers


def assign_ranks(inputs: Inputs, consumers: Sequence[Sequence[int]]) -> list[int]:
    """Row 0 is at the top. A node stands below all its inputs, as high as it can (longest path).

    A node whose inputs nobody else reads (a leaf has none) is then pulled down to its first consumer, and they follow:
    lines get shorter and none gets longer.
    """
    ranks = [0] * len(inputs)
    for node, sources in enumerate(inputs):
        if sources:
            ranks[node] = 1 + max(ranks[source] for source in sources)
    for node in reversed(range(len(inputs))):
        if consumers[node] and all(len(consumers[source]) == 1 for source in inputs[node]):
            ranks[node] = min(ranks[consumer] for consumer in consumers[node]) - 1
    return ranks
