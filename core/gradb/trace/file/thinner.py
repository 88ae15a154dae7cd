"""Takes the content of arrays out of a file that is written, and leaves their health: `Thinner(...).thin(...)`."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from msgspec.structs import astuple

from gradb.trace.cutting import Segment
from gradb.trace.file.arrays import THINNED, decoded
from gradb.trace.file.rows import Rows
from gradb.trace.health import health

_SELECT = "SELECT dtype, shape, coding, data FROM arrays JOIN contents USING (id) WHERE id = ?"
_THIN = f"""
    UPDATE arrays SET coding = '{THINNED}', min = ?, max = ?, mean = ?, norm = ?, zeros = ?, nan = ?, inf = ?
    WHERE id = ?
"""
_OLDEST = """
    SELECT id, used, length(data) FROM contents JOIN arrays USING (id) WHERE id > ? AND used < ? ORDER BY id LIMIT 256
"""
_THINNED_TO = """
    INSERT INTO header VALUES ('thinned_to', ?) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)
"""


class Thinner:
    """Works in the transaction of the writer, after the rows of `Rows` are in it."""

    def __init__(self, file: sqlite3.Connection, rows: Rows) -> None:
        self._file = file
        self._rows = rows
        self._size = 0  # bytes of the values in the file
        self._passed = 0  # the id up to which arrays were thinned, or stay, to keep to the budget

    def thin(self, new: Sequence[tuple[Any, ...]], segments: Sequence[Segment]) -> None:
        """Thins what may be thinned now.

        `new` are the contents that came since the last time, with their ids, `segments` those of `Rows`.
        """
        thinning = self._rows.thinning
        if thinning is None:
            return
        self._size += sum(len(data) for _, data in new)
        used = thinning.take_used()
        if thinning.keep.budget:
            self._file.executemany(
                "UPDATE arrays SET used = ? WHERE id = ?", [(at, stored) for stored, at in used.items()]
            )
        self._take_out(thinning.ended(segments))
        if thinning.keep.budget and segments:
            running = next(segment.start for segment in segments if segment.step == segments[-1].step)
            self._keep_to(thinning.keep.budget, running)

    def end(self, segments: Sequence[Segment]) -> None:
        """The run is at its end: its last step is thinned too, if it is not to be kept."""
        if self._rows.thinning is not None:
            self._take_out(self._rows.thinning.ended(segments, self._rows.number))

    def _keep_to(self, budget: int, running: int) -> None:
        """Takes out the oldest values until the rest is within the budget; those of the running step stay."""
        thinning = self._rows.thinning
        assert thinning is not None
        last = 0
        while self._size > budget:
            oldest: list[tuple[int, int, int]] = self._file.execute(_OLDEST, (self._passed, running)).fetchall()
            out: list[int] = []
            size = self._size
            for stored, used, bytes_ in oldest:
                if size <= budget:
                    break
                self._passed = stored
                if not thinning.is_pinned(stored):
                    out.append(stored)
                    size -= bytes_
                    last = max(last, used)
            self._take_out(out)
            if not oldest:
                break
        if last:
            self._file.execute(_THINNED_TO, (last,))

    def _take_out(self, ids: Sequence[int]) -> None:
        rows: list[tuple[Any, ...]] = []
        for stored in ids:
            dtype, shape, coding, data = self._file.execute(_SELECT, (stored,)).fetchone()
            self._size -= len(data)
            found = astuple(health(decoded(dtype, shape, coding, data)))
            rows.append((*found[:-1], stored))
        if rows:
            self._file.executemany(_THIN, rows)
            self._file.executemany("DELETE FROM contents WHERE id = ?", [(stored,) for stored in ids])
            self._rows.forget({*ids})
