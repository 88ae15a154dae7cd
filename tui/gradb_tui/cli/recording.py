"""Running a scenario for a command: `record("leaf", limits)`, with a progress bar where the run takes long."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.scenario.program.places import Place
from gradb.scenario.runner import Run, start
from gradb.scenario.sources import open_source

from gradb_tui.cli.output import clean, say

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits
    from gradb.trace.trace import Trace
    from rich.progress import Progress

LONG = 0.7  # seconds after which a run shows its progress


def record(source: str, limits: "Limits") -> tuple[Run, UserError | None]:
    """The run of a source, and why its program could not go on to its end (None where it did).

    Raises UserError where the source cannot be read or its program is not allowed.
    """
    run = start(open_source(source), limits)
    with _progress(run.trace):
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


@contextmanager
def _progress(trace: "Trace") -> Generator[None]:
    """Shows how many events are recorded, on standard error and only if that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    shown: list[Progress] = []

    def show() -> None:
        shown.append(_bar(trace))
        shown[0].start()

    timer = Timer(LONG, show)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for bar in shown:
            bar.stop()


def _bar(trace: "Trace") -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
    from rich.text import Text

    class Events(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{len(trace):,} events")

    console = Console(stderr=True)
    columns = (TextColumn("recording", markup=False), BarColumn(), Events(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True)
    bar.add_task("", total=None)
    return bar
