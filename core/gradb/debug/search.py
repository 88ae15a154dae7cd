"""Search over a run: `Search(trace, "relu").next(at)` finds the next event by a name, an op or a source line."""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from gradb.debug.stopping import Cancelled
from gradb.trace.events import Event, FanIn, Forward, Visit
from gradb.trace.formulas import node_label
from gradb.trace.trace import Trace
from gradb.trace.writes import writes

_BETWEEN = 256  # events between two looks at whether to go on

Found = Literal["name", "op", "line"]


class Match(Struct, frozen=True):
    """An event that a search found, by the name of a tensor, of an op or node, or by its source line, and that text."""

    event: int
    by: Found
    text: str


class Search:
    """The events of a run that a text is found in; a text without capitals finds both.

    An event is found by the name of a tensor that it writes, by its op or node, and the first event of each stretch on
    a source line by that line.
    """

    def __init__(self, trace: Trace, text: str) -> None:
        self.trace = trace
        self.text = text
        self._folds = text == text.lower()
        self._lines = {n: line.strip() for n, line in enumerate(trace.source_lines, 1) if self._found(line)}
        self._known: dict[str, bool] = {}

    def next(self, at: int, cancelled: Cancelled | None = None) -> Match | None:
        """The first match after a moment; None where there is none, or soon after `cancelled()` became true."""
        return self._first(range(at + 1, len(self.trace) + 1), cancelled)

    def previous(self, at: int, cancelled: Cancelled | None = None) -> Match | None:
        """The last match before a moment."""
        return self._first(range(at - 1, 0, -1), cancelled)

    def all(self, most: int = 1000, cancelled: Cancelled | None = None) -> Iterator[Match]:
        """Every match in order, up to `most`."""
        at = 0
        for _ in range(most):
            match = self.next(at, cancelled)
            if match is None:
                return
            yield match
            at = match.event

    def match(self, number: int) -> Match | None:
        """Whether and by what an event is found."""
        event = self.trace.events[number - 1]
        for name in self._names(event):
            if self._knows(name):
                return Match(number, "name", name)
        for name in self._ops(event):
            if self._knows(name):
                return Match(number, "op", name)
        if event.line in self._lines and (number == 1 or self.trace.events[number - 2].line != event.line):
            return Match(number, "line", self._lines[event.line])
        return None

    def _first(self, numbers: Iterable[int], cancelled: Cancelled | None) -> Match | None:
        if not self.text:
            return None
        for count, number in enumerate(numbers):
            if count % _BETWEEN == 0 and cancelled is not None and cancelled():
                return None
            match = self.match(number)
            if match is not None:
                return match
        return None

    def _names(self, event: Event) -> Iterator[str]:
        for cell, _ in writes(event):
            name = self.trace.name(cell.tensor)
            if "#" not in name:
                yield f"{name}.grad" if cell.what == "grad" else name

    def _ops(self, event: Event) -> Iterator[str]:
        if isinstance(event, Forward):
            yield event.op.name
        elif isinstance(event, Visit | FanIn):
            yield node_label(self.trace, event.node)

    def _knows(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._found(name)
        return known

    def _found(self, text: str) -> bool:
        return bool(self.text) and self.text in (text.lower() if self._folds else text)
