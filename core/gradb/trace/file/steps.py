"""The steps of a run in a trace file: `FileSteps`, each answer a search in the table of segments."""

from collections.abc import Callable

from gradb.trace.cutting import Segment
from gradb.trace.file.database import Database
from gradb.trace.steps import Span, Steps

_LAST = "min(?, coalesce((SELECT min(start) - 1 FROM segments n WHERE n.start > s.start), 1 << 62))"
_SELECT = f"SELECT start, step, phase, before, {_LAST} FROM segments s"


class FileSteps(Steps):
    """`events` says how many events there are."""

    def __init__(self, database: Database, events: Callable[[], int]) -> None:
        self._database = database
        self._events = events
        self._near: Span | None = None  # where the last question was

    def grow(self) -> None:
        """There are more events."""
        self._near = None

    @property
    def count(self) -> int:
        row = self._database.row("SELECT step FROM segments WHERE start <= ? ORDER BY start DESC", self._events())
        return 0 if row is None else row[0]

    def at(self, number: int) -> Span | None:
        events = self._events()
        near = self._near
        if near is None or not near.segment.start <= number <= near.last:
            row = self._database.row(
                f"{_SELECT} WHERE start <= ? ORDER BY start DESC", events, min(number, events) or 1
            )
            if row is None:
                return None
            near = self._near = Span(Segment(*row[:4]), row[4])
        return near

    def of(self, step: int) -> list[Span]:
        events = self._events()
        rows = self._database.rows(f"{_SELECT} WHERE step = ? AND start <= ? ORDER BY start", events, step, events)
        return [Span(Segment(*row[:4]), row[4]) for row in rows]
