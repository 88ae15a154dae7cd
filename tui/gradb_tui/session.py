"""A run that is looked at: its trace, the cursor, the chosen tensor, and whether it still records."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from gradb.debug.breakpoints import Breakpoints
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.trace.file.keep import Save
from gradb.trace.mentions import Mentions
from gradb.trace.timeline import Timeline
from gradb.trace.trace import Trace

from gradb_tui.moves import MOVES
from gradb_tui.panes.both import Both
from gradb_tui.panes.moment import Facet, Moment, Note, Pin

if TYPE_CHECKING:
    from gradb.scenario.regenerating import Regeneration
    from gradb.scenario.runner import Run


@dataclass
class Session:
    """`execute` runs the program to its end, and `cancel` asks it to stop; both are None for a finished trace.

    `warnings` are what the program was warned of, with the source line of each; more may come while it runs.
    `bookmarks` are events, in order; `marked` addresses of bookmarks from last time; `own_watch` the scenario's own.
    `scenario` is what was run, None for a recording that is only read, and `limits` are those of the caller. Where the
    program was run again with something changed, `other` is the other of the two runs and `both` tells of them.
    """

    trace: Trace
    title: str = ""
    about: str = ""
    notes: tuple[Note, ...] = ()
    watch: tuple[str, ...] = ()
    execute: Callable[[], object] | None = None
    cancel: Callable[[], None] | None = None
    warnings: Iterable[tuple[int, str]] = ()
    pin: Pin | None = None
    facet: Facet = "value"
    element: tuple[int, ...] | None = None
    bookmarks: list[int] = field(default_factory=list[int])
    breakpoints: Breakpoints = field(default_factory=Breakpoints)
    found: str = ""
    source: str = ""
    history: list[str] = field(default_factory=list[str])
    marked: tuple[str, ...] = ()
    own_watch: tuple[str, ...] = ()
    scenario: Scenario | None = None
    limits: Limits = field(default_factory=Limits)
    both: Both | None = None
    other: "Session | None" = None
    running: bool = False
    stopped: bool = False
    started: float = field(default_factory=monotonic)
    timeline: Timeline = field(init=False)

    def __post_init__(self) -> None:
        self._asked_for_filling = False
        self._filling: Regeneration | None = None
        self.timeline = self.trace.timeline()
        self._mentions = Mentions(self.trace)

    def move(self, name: str) -> bool:
        """One of MOVES; False where the cursor cannot go further, or while there is no event."""
        return len(self.trace) > 0 and MOVES[name](self.timeline)

    def to_write(self, by: int) -> bool:
        """To the next (1) or previous (-1) write of what the tensor pane shows; keeps it if the event is about another.

        False where there is none, or where no tensor is shown.
        """
        before = self.moment()
        writes = before.writes
        moved = self.timeline.next_among(writes) if by > 0 else self.timeline.previous_among(writes)
        if moved and self.pin is None and self.moment().tensor_name != before.tensor_name:
            self.pin = before.as_pin()
        return moved

    def bookmark(self) -> bool:
        """Puts a bookmark at the cursor, or takes it away; True where there is one now."""
        place = bisect_left(self.bookmarks, self.timeline.at)
        if self.bookmarks[place : place + 1] == [self.timeline.at]:
            del self.bookmarks[place]
            return False
        insort(self.bookmarks, self.timeline.at)
        return True

    def to_bookmark(self, by: int) -> bool:
        """To the next or previous bookmark, after the last the first again. False where there is no other."""
        if not self.bookmarks:
            return False
        place = (bisect_right if by > 0 else bisect_left)(self.bookmarks, self.timeline.at) + min(by, 0)
        return self.timeline.seek(self.bookmarks[place % len(self.bookmarks)])

    def to_match(self, by: int) -> bool:
        """To the next or previous event that the search finds."""
        number = self._mentions.nearest(self.found, self.timeline.at, by)
        return number is not None and self.timeline.seek(number)

    def matches(self) -> int:
        """How many events the search finds."""
        return self._mentions.count(self.found)

    def moment(self) -> Moment:
        """What the panes are to show."""
        warnings = (Note(f"line {line}", f"**Warning:** {text}") for line, text in list(self.warnings))
        notes = (*self.notes, *warnings)
        return Moment(
            self.trace,
            self.timeline.at,
            self.pin,
            notes,
            self.watch,
            self.about,
            self.facet,
            self.element,
            self.breakpoints.lines(),
            self.both,
            tuple(one.condition or one.target for one in self.breakpoints if one.condition or one.kind == "condition"),
        )

    def to_other(self) -> "Session | None":
        """The other run, with its cursor at the event that goes with this one and what was chosen here; None if none.

        A cursor that is there already stays: an event may go with several of a run that is longer.
        """
        other, both, at = self.other, self.both, self.timeline.at
        if other is None or both is None:
            return None
        if both.paired(other.trace, other.timeline.at) != at:
            other.timeline.seek(both.paired(self.trace, at))
        other.pin = self.pin if self.pin is None or self.pin.name else None  # ids are those of one run
        other.facet, other.element, other.found = self.facet, self.element, self.found
        other.breakpoints, other.history, other.watch = self.breakpoints, self.history, self.watch
        return other

    def filling(self) -> "Regeneration | None":
        """What fills in values that the trace does not have, None where it has all or they cannot be computed again."""
        if not self._asked_for_filling:
            from gradb.scenario.regenerating import regeneration

            self._asked_for_filling = True
            self._filling = regeneration(self.scenario, self.trace)
        return self._filling

    def stop(self) -> bool:
        """Asks a run that records to stop, this one or the other; False where none does."""
        if not self.running or self.cancel is None:
            return self.other is not None and self.other.running and self.other.stop()
        self.stopped = True
        self.cancel()
        return True


def session_of(scenario: Scenario, limits: Limits | None = None, source: str = "", save: Save | None = None) -> Session:
    """A session that has yet to run the scenario's program. Raises UserError where the program is not allowed.

    `limits` go before those of the scenario. `source` is what it was opened as: what is kept of it goes by that name.
    `save` is a trace file to write.
    """
    from gradb.scenario.runner import start

    run = start(scenario, limits or Limits(), save)
    run.check()
    return session_for(run, scenario, limits or Limits(), source)


def session_for(run: "Run", scenario: Scenario, limits: Limits, source: str = "") -> Session:
    """A session for a run of a scenario that has not begun."""
    return Session(
        run.trace,
        scenario.title,
        scenario.about,
        tuple(Note(note.at, note.say) for note in scenario.notes),
        scenario.watch,
        source=source,
        own_watch=scenario.watch,
        execute=run.run,
        cancel=run.cancel,
        warnings=run.warnings,
        scenario=scenario,
        limits=limits,
    )
