"""Records a run into a file: `Saving(path, header)` has a `trace` for a Recorder, `begin()`, and `close()`.

The recording thread appends events to a list and hands lists over; a thread of its own writes them. The file holds all
but the events of the last half second, or less than a thousand events, at any time. What is written leaves memory.
"""

import atexit
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from gradb.errors import UserError
from gradb.trace.events import Array
from gradb.trace.file.cache import DEFAULT_CACHE, Cache
from gradb.trace.file.database import Database
from gradb.trace.file.facts import Fact, facts_of
from gradb.trace.file.index import FileIndex
from gradb.trace.file.keep import ALL, Keep
from gradb.trace.file.tail import Batch, SavedEvents
from gradb.trace.file.target import Target
from gradb.trace.file.trace import FileTrace
from gradb.trace.file.writer import Writer
from gradb.trace.trace import Header

_T = TypeVar("_T")
LATEST = 0.5  # seconds after which an event is in the file
_LARGE = 8 << 20  # bytes of values that are committed at once, so that what is thinned leaves room for what comes
_ON_THEIR_WAY = 2  # batches that may wait for the writer


class Saving:
    """Raises UserError at once where the file cannot be, and later where it cannot be written any more."""

    def __init__(
        self,
        path: Path,
        header: Header,
        facts: Mapping[str, Fact] | None = None,
        data: Mapping[str, Array] | None = None,
        keep: Keep = ALL,
    ) -> None:
        """`facts` go into the file's header; `data` are the arrays that the program begins with."""
        self._target = Target(path)
        try:
            self._writer = Writer(self._target.path, facts_of(header, facts or {}), header.instrumented, data, keep)
        except UserError:
            self._target.abandon()
            raise
        self._queue: queue.Queue[Batch | threading.Event] = queue.Queue(_ON_THEIR_WAY)
        self._ending = threading.Event()
        self._error: Exception | None = None
        self._closed = False
        self._index = SavingIndex(Database(self._target.path), Cache(DEFAULT_CACHE), self)
        self.trace = FileTrace(self._target.path, self._index)
        self._thread = threading.Thread(target=self._work, name="gradb trace file", daemon=True)

    @property
    def path(self) -> Path:
        """Where the run is written now. It moves to the path that was asked for if there was a trace already."""
        return self._target.path

    def begin(self) -> None:
        """The run is recorded in this thread from now on."""
        self._index.recording_thread = threading.get_ident()
        self._thread.start()
        atexit.register(self._at_exit)

    def close(self, facts: Mapping[str, Fact] | None = None) -> None:
        """The run is at its end: `facts` are added to the header, and the file becomes one that stands by itself.

        A file without an event is removed. Raises UserError where not everything could be written.
        """
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self._at_exit)
        if self._thread.ident is not None:
            self._ending.set()
            self.flush()
            self._thread.join()
        self._index.recording_thread = 0
        try:
            if self._error is None:
                self._writer.state(facts or {})
            with self._index.database.put_aside(self._target.wanted) as reopened:
                self._writer.close(complete=self._error is None)
                if self._error is None:
                    self._target.finish()
                else:
                    reopened.path = self._target.path
        finally:
            self._index.grow()
        if self._error is not None:
            raise self._error

    def _at_exit(self) -> None:
        """The process ends while the run is recorded in another thread."""
        with suppress(UserError):
            self.close({"stopped": "gradb was closed while the program ran"})

    def discard(self) -> None:
        """Nothing is to be kept of a run that did not begin: the new file is removed, and the trace is empty."""
        if not self._closed:
            self._closed = True
            self._index.database.become_empty()
            self._writer.close(complete=False)
            self._target.abandon()

    # --- in the recording thread

    def hand_over(self, batch: Batch) -> None:
        """Gives a batch to the writer, and waits while it has enough to do."""
        if self._error is not None:
            raise self._error
        self._queue.put(batch)

    def flush(self) -> None:
        """Waits until every event so far is in the file."""
        written = threading.Event()
        self._queue.put(written)
        written.wait()

    # --- in the writer's thread

    def _work(self) -> None:
        while True:
            item: Batch | threading.Event | None = None
            try:
                item = self._queue.get(timeout=LATEST)
            except queue.Empty:
                self._index.events.batch = 1  # so that what is waiting leaves memory too
            try:
                if self._error is None:
                    self._write(item if isinstance(item, tuple) else self._index.events.tail)
            except Exception as error:  # told in the recording thread
                self._error = error
            finally:
                if isinstance(item, tuple):
                    self._index.events.handed.popleft()
                elif item is not None:
                    item.set()
            if self._ending.is_set() and isinstance(item, threading.Event):
                return

    def _write(self, batch: Batch) -> None:
        """Commits the events of a batch that are not written yet. Batches before it have been written."""
        before, events = batch
        rows = self._writer.rows
        if before > rows.number:
            return  # an earlier batch has been handed over in the meantime, and is next
        new = events[rows.number - before :]
        index = self._index
        rows.cuts += _taken(index.cuts, len(index.cuts))
        rows.turn(_taken(index.turns, len(index.turns)))
        for event in new:
            rows.add(event)
            if rows.size > _LARGE:
                self._writer.commit()
        bound = index.bound
        rows.bind(_taken(bound, next((i for i, one in enumerate(bound) if one[0] > rows.number), len(bound))))
        self._writer.commit()


def _taken(items: list[_T], count: int) -> list[_T]:
    """Takes items from the front of a list that another thread appends to."""
    taken = items[:count]
    del items[:count]
    return taken


class SavingIndex(FileIndex):
    """What other threads ask is answered from the file; what the recording thread asks is saved first."""

    events: SavedEvents

    def __init__(self, database: Database, cache: Cache, saving: Saving) -> None:
        self.recording_thread = 0
        self.bound: list[tuple[int, str, int]] = []  # since, variable and tensor, not saved yet
        self._saving = saving
        self._holds: dict[str, int] = {}
        super().__init__(database, cache)
        self.events = self.stored_events = SavedEvents(database, cache, super().__len__, saving.hand_over)

    def fresh(self) -> int:
        if self.recording_thread == threading.get_ident() and (self._count < len(self.events) or self.bound):
            self._saving.flush()
            self.grow()
        return self._count

    def bind(self, name: str, tensor_id: int) -> None:
        if self._holds.get(name) != tensor_id:
            self._holds[name] = tensor_id
            self.bound.append((len(self.events), name, tensor_id))

    def holds(self, name: str) -> int | None:
        return self._holds.get(name)
