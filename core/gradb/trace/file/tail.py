"""The events of a run that is recorded and saved: `append` of the recorder, and every event, saved or not yet."""

from collections import deque
from collections.abc import Callable

from gradb.trace.events import Event
from gradb.trace.file.cache import Cache
from gradb.trace.file.database import Database
from gradb.trace.file.events import FileEvents

BATCH = 240  # events that are handed over at once; four batches may be on their way

Batch = tuple[int, list[Event]]  # how many events came before, and the events


class SavedEvents(FileEvents):
    """The recording thread appends, and alone sees those that are not saved yet in the length."""

    def __init__(
        self, database: Database, cache: Cache, count: Callable[[], int], hand_over: Callable[[Batch], None]
    ) -> None:
        super().__init__(database, cache, count)
        self.batch = BATCH  # may be set to 1 to have the next event hand over what there is
        self.handed: deque[Batch] = deque()
        self._hand_over = hand_over
        self._tail: Batch = 0, []

    def append(self, event: Event) -> None:
        """The next event."""
        tail = self._tail[1]
        tail.append(event)
        if len(tail) >= self.batch:
            self.batch = BATCH
            before, events = batch = self._tail
            self.handed.append(batch)
            self._tail = before + len(events), []
            self._hand_over(batch)

    @property
    def tail(self) -> Batch:
        """The events that are not handed over yet."""
        return self._tail

    def __len__(self) -> int:
        before, events = self._tail
        return before + len(events)

    def _at(self, place: int) -> Event | None:
        for before, events in (self._tail, *self.handed):
            if before <= place < before + len(events):
                return events[place - before]
        return super()._at(place)
