"""The part of a graph around one node: `neighbourhood` finds the nearest nodes, in hops along edges either way."""

from collections.abc import Mapping, Sequence


def neighbourhood(
    focus: int, inputs: Mapping[int, Sequence[int]], consumers: Mapping[int, Sequence[int]], most: int = 30
) -> set[int]:
    """The keys of at most `most` nodes, the focus among them: near ones first, and inputs before consumers."""
    found = {focus}
    ring = [focus]
    while ring:
        reached: list[int] = []
        for key in ring:
            for near in (*inputs.get(key, ()), *consumers.get(key, ())):
                if len(found) == most:
                    return found
                if near not in found:
                    found.add(near)
                    reached.append(near)
        ring = reached
    return found
