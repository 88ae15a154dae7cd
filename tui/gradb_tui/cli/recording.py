"""Running a source for a command: `record("leaf", limits)`, and `say_warnings(run)`."""

from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.scenario.program.places import Place
from gradb.scenario.runner import Run, start
from gradb.scenario.sources import open_source

from gradb_tui.cli.output import clean, say
from gradb_tui.cli.progress import progress

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits


def record(source: str, limits: "Limits") -> tuple[Run, UserError | None]:
    """The run of a source, and why its program could not go on to its end (None where it did).

    Raises UserError where the source cannot be read or its program is not allowed.
    """
    run = start(open_source(source), limits)
    with progress("recording", lambda: len(run.trace)):
        try:
            run.run()
        except UserError as error:
            if not len(run.trace):
                raise
            return run, error
    return run, None


def say_warnings(run: Run) -> None:
    """Tells what the program was warned of, on standard error."""
    place = Place(run.scenario.filename, run.scenario.first_line)
    for line, text in run.warnings:
        say(clean(f"{place.of(line)}: {text}"))
