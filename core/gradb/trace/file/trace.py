"""Opens trace files: `open_trace("run.gradb")` gives a Trace whose events and values are read as they are looked at."""

import zlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from os import PathLike
from pathlib import Path
from weakref import WeakSet

import msgspec

from gradb.errors import UserError
from gradb.trace.events import Array
from gradb.trace.file.arrays import MOST_BYTES, decoded
from gradb.trace.file.cache import DEFAULT_CACHE, Cache
from gradb.trace.file.database import Database
from gradb.trace.file.facts import Fact, header_of, is_alive
from gradb.trace.file.index import FileIndex
from gradb.trace.file.keep import ALL, Keep, parse_keep
from gradb.trace.file.target import log_of
from gradb.trace.trace import Trace


class FileTrace(Trace):
    """A run in a file. It grows while another process writes the file.

    `facts` says, beside what `header` does, where and when it was recorded.
    """

    def __init__(self, path: Path, index: FileIndex) -> None:
        self._file_index = index
        self.path = path
        super().__init__(header_of(index.database.facts), index)

    @property
    def facts(self) -> Mapping[str, Fact]:
        """The file's table `header`."""
        return self._file_index.database.facts

    @property
    def growing(self) -> bool:
        """Whether the run that the file holds has not come to its end, or was killed before it."""
        return self._file_index.growing

    @property
    def document(self) -> str:
        """The text of the scenario that was run, empty where it was none."""
        return str(self.facts.get("document") or "")

    @property
    def data(self) -> Mapping[str, Array]:
        """The arrays that the program began with, by the names of their variables."""
        database = self._file_index.database
        query = "SELECT name, dtype, shape, coding, data FROM data ORDER BY rowid"
        rows = database.rows(query, of=tuple[str, str, str, str, bytes])
        found: dict[str, Array] = {}
        room = MOST_BYTES
        try:
            for name, dtype, shape, coding, data in rows:
                found[name] = decoded(dtype, shape, coding, data, room)
                room -= found[name].nbytes
            return found
        except (ValueError, TypeError, OverflowError, zlib.error) as error:
            raise database.damaged(f"what the program began with: {error}") from None

    @cached_property
    def keep(self) -> Keep:
        """Which values the file was to keep."""
        budget = self.facts.get("budget")
        try:
            return parse_keep(str(self.facts.get("keep") or ALL), str(budget) if budget else "")
        except UserError as error:
            raise self._file_index.database.damaged(error.what) from None

    @property
    def thinned_to(self) -> int:
        """The last event whose values may be missing because they took too much room; 0 where they did not."""
        if not self.keep.budget:
            return 0
        query = "SELECT value FROM header WHERE key = 'thinned_to'"
        found = self._file_index.database.row(query, of=tuple[int])
        return found[0] if found else 0

    @property
    def thinning(self) -> str:
        """What was not kept, in words; empty where everything was."""
        thinned_to = min(self.thinned_to, len(self))
        return self.keep.told(self.step_of(thinned_to) if thinned_to else 0)

    def lacks_values(self, at: int) -> bool:
        """Whether values of an event's step were not kept."""
        return at <= self.thinned_to or not self.keep.keeps(self.step_of(at))

    def supply(self, arrays: Mapping[int, Array]) -> None:
        """Gives the contents of values that were not kept, by `ThinnedArray.stored`, for as long as there is room."""
        self._file_index.stored_events.supply(arrays)

    @property
    def warnings(self) -> list[tuple[int, str]]:
        """What the program was warned of: source line and text. Known when the run is at its end."""
        text = str(self.facts.get("warnings") or "[]")
        try:
            return msgspec.json.decode(text, type=list[tuple[int, str]])
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._file_index.database.damaged(f"its warnings: {error}") from None

    @property
    def is_written(self) -> bool:
        """Whether a process writes the file now, as far as can be told from here."""
        self._file_index.look()
        return self.growing and is_alive(self.facts, log_of(self.path))

    @property
    def kept_bytes(self) -> int:
        """About how many bytes of events and values are kept in memory now."""
        return self._file_index.cache.size

    def close(self) -> None:
        """Lets go of the file; the trace cannot be read after it."""
        self._file_index.database.close()
        _opened.discard(self)


def open_trace(path: str | PathLike[str], cache: int = DEFAULT_CACHE) -> FileTrace:
    """The run in a trace file. `cache` is how many bytes of events and values are kept in memory.

    Raises UserError where the file is missing, damaged, none of gradb's, or of a newer format.
    """
    file = Path(path)
    trace = FileTrace(file, FileIndex(Database(file), Cache(cache)))
    _opened.add(trace)
    return trace


_opened: WeakSet[FileTrace] = WeakSet()


def damage(error: Exception) -> UserError | None:
    """What to tell a user where reading failed in a way that nobody foresaw; None where no trace file is open.

    A file comes from anywhere: it may say what no run says, in more ways than are looked for.
    """
    if isinstance(error, UserError):
        return error
    for trace in list(_opened):
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return UserError(
            f"the trace says what no run says, or gradb does not understand it: {what}",
            where=str(trace.path),
            fix="record the run again",
        )
    return None


@contextmanager
def understood() -> Generator[None]:
    """Inside, whatever fails while a trace file is open is a UserError."""
    try:
        yield
    except Exception as error:
        told = damage(error)
        if told is None:
            raise
        raise told from error
