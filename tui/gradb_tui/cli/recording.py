"""Running a scenario for a command: `record("leaf", limits)`, with a progress bar where the run takes long."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.scenario.runner import start
from gradb.scenario.sources import open_source

if TYPE_CHECKING:
    from gradb.scenario.scenario import Scenario
    from gradb.scenario.schema import Limits
    from gradb.trace.trace import Trace
    from rich.progress import Progress

LONG = 0.7  # seconds after which a run shows its progress


def record(source: str, limits: "Limits") -> "tuple[Scenario, Trace, UserError | None]":
    """The scenario, its trace, and why the program could not run to its end (None where it did).

    Raises UserError where the source cannot be read or its program is not allowed.
    """
    scenario = open_source(source)
    run = start(scenario, limits)
    with _progress(run.trace):
        try:
            run.run()
        except UserError as error:
            if not len(run.trace):
                raise
            return scenario, run.trace, error
    return scenario, run.trace, None


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
