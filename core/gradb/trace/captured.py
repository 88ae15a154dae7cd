"""The numbers of a captured graph's nodes: `CapturedNodes` gives a node the same number at each call of the graph."""


class CapturedNodes:
    """Of one captured graph in one recording. `call` counts the times that it was recorded."""

    __slots__ = ("_made", "_numbers", "_step", "call")

    def __init__(self) -> None:
        self.call = 0
        self._numbers: dict[tuple[int, str, int], int] = {}  # by step, name, and place among the step's nodes
        self._step = 0
        self._made: dict[str, int] = {}  # how many nodes of each name the running step has made

    def begin_call(self) -> None:
        """The graph runs once more."""
        self.call += 1

    def begin_step(self, step: int) -> None:
        """The op that runs now is this step of the graph."""
        self._step = step
        self._made = {}

    def number(self, name: str, unused: int) -> int:
        """The number of the node that the running step makes next: `unused` where the graph makes it the first time."""
        place = self._made[name] = self._made.get(name, 0) + 1
        return self._numbers.setdefault((self._step, name, place), unused)
