"""The steps of a run in a trace file: `FileSteps`, each answer a search in the table of segments."""

from collections.abc import Callable
from typing import Literal

from gradb.trace.cutting import Segment
from gradb.trace.file.database import Database
from gradb.trace.steps import Span, Steps

_Row = tuple[int, int, Literal["forward", "backward", "update"], int, int]

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
        events = self._events()
        row = self._database.row(
            "SELECT step FROM segments WHERE start <= ? ORDER BY start DESC LIMIT 1", events, of=tuple[int]
        )
        if row is None:
            return 0
        if not 0 < row[0] <= events:
            raise self._database.damaged(f"{events} events are no {row[0]} steps")
        return row[0]

    def at(self, number: int) -> Span | None:
        events = self._events()
        near = self._near
        if near is None or not near.segment.start <= number <= near.last:
            query = f"{_SELECT} WHERE start <= ? ORDER BY start DESC LIMIT 1"
            row = self._database.row(query, events, min(number, events) or 1, of=_Row)
            if row is None:
                if events:
                    raise self._database.damaged(f"event #{number} is in no step")
                return None
            near = self._near = Span(Segment(*row[:4]), row[4])
        return near

    def of(self, step: int) -> list[Span]:
        events = self._events()
        query = f"{_SELECT} WHERE step = ? AND start BETWEEN 1 AND ? ORDER BY start"
        rows = self._database.rows(query, events, step, events, of=_Row)
        if not rows:
            raise self._database.damaged(f"step {step} is missing")
        return [Span(Segment(*row[:4]), row[4]) for row in rows]
