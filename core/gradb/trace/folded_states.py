"""The states of a folded graph's nodes: `FoldedStates` tells of a box what its nodes are together."""

from collections.abc import Iterator, Mapping

from gradb.trace.folding import Folded


class FoldedStates(Mapping[int, str]):
    """By key. A box is visited or freed when all its ops are, `ready` while backward is in it or about to enter it."""

    def __init__(self, folded: Folded, states: Mapping[int, str]) -> None:
        self._folded, self._states = folded, states

    def __getitem__(self, key: int) -> str:
        members = self._folded.members.get(key)
        if members is None:
            return self._states[key]
        found = {self._states[one] for one in members if one > 0}
        for state in ("freed", "visited", "not_built"):
            if found == {state}:
                return state
        if found == {"freed", "visited"}:
            return "visited"
        return "ready" if found & {"ready", "visited", "freed"} else "built"

    def __iter__(self) -> Iterator[int]:
        return iter(self._folded.graph.by_key)

    def __len__(self) -> int:
        return len(self._folded.graph.by_key)
