"""A run that is looked at: its trace, the cursor, the chosen tensor, and whether it still records."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic

from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.trace.timeline import Timeline
from gradb.trace.trace import Trace

from gradb_tui.panes.moment import Moment, Note, Pin

MOVES: dict[str, Callable[[Timeline], bool]] = {
    "step": Timeline.step,
    "back": Timeline.back,
    "next_node": Timeline.next_node,
    "previous_node": Timeline.previous_node,
    "end_of_phase": Timeline.end_of_phase,
    "start_of_phase": Timeline.start_of_phase,
    "next_step": Timeline.next_step,
    "previous_step": Timeline.previous_step,
    "tenth_on": lambda timeline: timeline.seek(timeline.at + _tenth(timeline)),
    "tenth_back": lambda timeline: timeline.seek(timeline.at - _tenth(timeline)),
    "end": Timeline.end,
    "start": Timeline.start,
}
NOWHERE = {
    "step": "This is the last event.",
    "back": "This is the first event.",
    "next_node": "No node is visited after this event.",
    "previous_node": "No node is visited before this event.",
    "end_of_phase": "This is the end of the last phase.",
    "start_of_phase": "This is the start of the first phase.",
    "next_step": "This is the last training step.",
    "previous_step": "This is the start of the first training step.",
    "tenth_on": "This is the last event.",
    "tenth_back": "This is the first event.",
    "end": "This is the last event.",
    "start": "This is the first event.",
}


def _tenth(timeline: Timeline) -> int:
    return max(1, len(timeline.trace) // 10)


@dataclass
class Session:
    """`execute` runs the program to its end, and `cancel` asks it to stop; both are None for a finished trace.

    `warnings` are what the program was warned of, with the source line of each; more may come while it runs.
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
    running: bool = False
    stopped: bool = False
    started: float = field(default_factory=monotonic)
    timeline: Timeline = field(init=False)

    def __post_init__(self) -> None:
        self.timeline = self.trace.timeline()

    def move(self, name: str) -> bool:
        """One of MOVES; False where the cursor cannot go further, or while there is no event."""
        return len(self.trace) > 0 and MOVES[name](self.timeline)

    def moment(self) -> Moment:
        """What the panes are to show."""
        warnings = (Note(f"line {line}", f"**Warning:** {text}") for line, text in list(self.warnings))
        return Moment(self.trace, self.timeline.at, self.pin, (*self.notes, *warnings), self.watch, self.about)

    def stop(self) -> bool:
        """Asks a run that records to stop; False where none does."""
        if not self.running or self.cancel is None:
            return False
        self.stopped = True
        self.cancel()
        return True


def session_of(scenario: Scenario, limits: Limits | None = None) -> Session:
    """A session that has yet to run the scenario's program. Raises UserError where the program is not allowed.

    `limits` go before those of the scenario.
    """
    from gradb.scenario.program.program import Program
    from gradb.scenario.runner import start

    run = start(scenario, limits or Limits())
    if not scenario.trusted:
        Program(scenario.program, scenario.filename, scenario.first_line, scenario.first_column).check()
    return Session(
        run.trace,
        scenario.title,
        scenario.about,
        tuple(Note(note.at, note.say) for note in scenario.notes),
        scenario.watch,
        execute=run.run,
        cancel=run.cancel,
        warnings=run.warnings,
    )
