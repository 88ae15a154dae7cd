"""Running a source for a command: `record("leaf", limits)`, and `say_warnings(run)`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.scenario.program.places import Place
from gradb.scenario.runner import Run, start
from gradb.scenario.sources import open_source
from gradb.trace.events import Raised

from gradb_tui.cli.output import clean, say
from gradb_tui.cli.progress import progress

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits
    from gradb.trace.file.keep import Save


def record(source: str, limits: "Limits", save: "Save | None" = None) -> tuple[Run, UserError | None]:
    """The run of a source, and why its program could not go on to its end (None where it did).

    The run of a trace file is the one in it. `save` is a trace file to write. Raises UserError where the source cannot
    be read, its program is not allowed, or the file cannot be written.
    """
    run = start(open_source(source), limits, save)
    if run.scenario.saved and run.trace.thinning:
        say(clean(f"{source}: {run.trace.thinning}"))
    with progress("recording", lambda: len(run.trace)):
        try:
            run.run()
        except UserError as error:
            if not len(run.trace):
                raise
            return run, error
        finally:
            if save is not None and len(run.trace):
                say_saved(run, save.path)
    return run, None


def say_saved(run: Run, path: Path) -> None:
    """Tells where the run is, on standard error."""
    size = f" ({path.stat().st_size:,} bytes)" if path.exists() else ""
    say(clean(f"{len(run.trace)} events written to {path}{size}"))


def say_warnings(run: Run, tell: Callable[[str], None] = say) -> None:
    """Tells what the program was warned of, on standard error."""
    place = Place(run.scenario.filename, run.scenario.first_line)
    for line, text in run.warnings:
        tell(clean(f"{place.of(line)}: {text}"))


def record_to(source: str, limits: "Limits", save: "Save | None") -> int:
    """Runs a source and writes its trace; by default into a file of its name. Returns 0, or 1 where it raised.

    Raises UserError where it cannot be run to its end; the file then has the events up to there.
    """
    run, stopped = record(source, limits, save)
    say_warnings(run)
    if stopped is not None:
        raise stopped
    raised = run.trace.of_kind("raised")
    for number in raised:
        event = run.trace.event(number)
        if isinstance(event, Raised):
            say(clean(f"the program raised {event.error} in line {event.line}: {event.message}"))
    return 1 if raised else 0
