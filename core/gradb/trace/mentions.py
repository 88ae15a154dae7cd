"""Which events have to do with a text: `Mentions(trace).nearest("mul", at, 1)` is the next one after a moment."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradb.trace.trace import Trace


class Mentions:
    """Finds a text, in any case, in the names of variables, ops, nodes and kinds of events, and in source lines.

    A variable's events are those that write its value or its `.grad`.
    """

    def __init__(self, trace: "Trace") -> None:
        self._trace = trace

    def nearest(self, text: str, at: int, by: int) -> int | None:
        """The next event (`by` 1) or the previous one (-1) that has to do with a text; None where there is none."""
        best: int | None = None
        for numbers in self._lists(text):
            place = bisect_right(numbers, at) if by > 0 else bisect_left(numbers, at) - 1
            if 0 <= place < len(numbers) and (best is None or (numbers[place] - best) * by < 0):
                best = numbers[place]
        return best

    def count(self, text: str) -> int:
        """How many events have to do with a text."""
        return len({number for numbers in self._lists(text) for number in numbers})

    def _lists(self, text: str) -> Iterator[Sequence[int]]:
        wanted = text.lower().strip()
        if not wanted:
            return
        words = self._trace.words()
        for word in list(words):
            if wanted in word:
                yield words[word]
        for line, code in enumerate(self._trace.source_lines, start=1):
            if wanted in code.lower():
                yield self._trace.on_line(line)
        for name in list(self._trace.bindings):
            if wanted in name.lower():
                yield self._trace.history(name)
            if wanted in f"{name}.grad".lower():
                yield self._trace.history(name, "grad")
