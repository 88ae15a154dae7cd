"""A graph cut into rows in which every edge goes from one row to the next: `build_layers`.

An edge that spans several rows gets a *bend* in each row between. All long edges of one node share their bends, so a
value that is read far below runs down as one line, and forks off where it is read.
"""

from dataclasses import dataclass

from gradb.drawing.ranks import Inputs, assign_ranks, consumers_of


@dataclass(frozen=True, slots=True)
class Layers:
    """Elements are numbers: the nodes first (`element < node_count`), then the bends.

    `rows` holds the elements of each row; `above` and `below` an element's neighbours one row up and down;
    `source` the node whose value an element carries on; `reaches` the nodes that read it there or further down.
    """

    node_count: int
    rows: list[list[int]]
    above: list[list[int]]
    below: list[list[int]]
    source: list[int]
    reaches: list[frozenset[int]]


def build_layers(inputs: Inputs) -> Layers:
    """The rows in the order in which a walk up from the results finds the elements: near to planar for trees."""
    count = len(inputs)
    consumers = consumers_of(inputs)
    ranks = assign_ranks(inputs, consumers)
    above: list[list[int]] = [[] for _ in inputs]
    below: list[list[int]] = [[] for _ in inputs]
    source = list(range(count))
    reaches = [frozenset(found) for found in consumers]
    element_ranks = list(ranks)
    carriers: list[list[int]] = []
    for node in range(count):
        chain = [node]
        last = max((ranks[consumer] for consumer in consumers[node]), default=0)
        for rank in range(ranks[node] + 1, last):
            bend = len(source)
            source.append(node)
            element_ranks.append(rank)
            reaches.append(frozenset(consumer for consumer in consumers[node] if ranks[consumer] > rank))
            above.append([chain[-1]])
            below.append([])
            below[chain[-1]].append(bend)
            chain.append(bend)
        carriers.append(chain)
    for node, sources in enumerate(inputs):
        for one in dict.fromkeys(sources):
            carrier = carriers[one][ranks[node] - 1 - ranks[one]]
            above[node].append(carrier)
            below[carrier].append(node)
    rows = _walk_up(above, consumers, element_ranks)
    return Layers(count, rows, above, below, source, reaches)


def _walk_up(above: list[list[int]], consumers: list[list[int]], ranks: list[int]) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    seen = [False] * len(above)
    for result in range(len(consumers)):
        if consumers[result]:
            continue
        stack = [result]
        while stack:
            element = stack.pop()
            if not seen[element]:
                seen[element] = True
                rows[ranks[element]].append(element)
                stack.extend(reversed(above[element]))
    return rows
