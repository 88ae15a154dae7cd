"""Runs a scenario: `run("leaf")` gives its Trace, `start(scenario)` a Run whose trace can be read while it grows."""

import sys
import threading
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from typing import Any

from gradb.recording import gradb_version, recording
from gradb.scenario.program.budget import Budget, Stop
from gradb.scenario.program.places import Place
from gradb.scenario.program.program import Program
from gradb.scenario.program.script import Script
from gradb.scenario.program.watch import Watch
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.scenario.sources import open_source
from gradb.trace.events import Array
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Header, Trace

NO_LIMITS = Limits()


class Run:
    """A run that has not begun. `trace` is empty until `run` is called, and grows while that works in some thread.

    `warnings` are what the program was warned of: source line and text, each once.
    """

    def __init__(self, scenario: Scenario, budget: Budget) -> None:
        self.scenario = scenario
        self.budget = budget
        title = scenario.english_title or scenario.title
        header = Header(version=gradb_version(), title=title, source=scenario.program, instrumented=True)
        self.trace = Trace(header)
        self.warnings: dict[tuple[int, str], None] = {}  # line and text, each once, in order
        self._cancelled = threading.Event()

    def run(self) -> Trace:
        """Runs the program in this thread. An error of the program's own becomes the trace's last event.

        Raises UserError where the program is not allowed, uses more than its budget, or is cancelled: the trace then
        holds what was recorded up to there. One program runs at a time: RuntimeError where another one does.
        """
        recorder = self._recorder()
        with recording(recorder), self._heeding_warnings(recorder):
            if self.scenario.trusted:
                self._run_script(recorder)
            else:
                given = tensors(self.scenario.data, recorder)
                self._program(given).run(recorder, self.budget, cancelled=self._cancelled.is_set)
        return self.trace

    def check(self) -> None:
        """Raises UserError where the program is not allowed. Runs nothing."""
        if not self.scenario.trusted:
            self._program(self.scenario.data).check()

    def cancel(self) -> None:
        """Asks the program to stop, from any thread."""
        self._cancelled.set()

    def _recorder(self) -> Recorder:
        return Recorder(self.trace)

    @contextmanager
    def _heeding_warnings(self, recorder: Recorder) -> Generator[None]:
        """Inside, Python's warnings are kept for the reader instead of being written to standard error."""

        def keep(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
            self.warnings[recorder.line, f"{category.__name__}: {message}"] = None

        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.showwarning = keep
            yield

    def _program(self, given: Mapping[str, Any]) -> Program:
        of = self.scenario
        return Program(of.program, of.filename, of.first_line, of.first_column, given)

    def _run_script(self, recorder: Recorder) -> None:
        """Standard output belongs to gradb's results, so what a script writes there goes to standard error."""
        script = Script(self.scenario.program, self.scenario.filename)
        watch = Watch(script.filename, self.budget, self.trace.events, recorder.turn, self._cancelled.is_set)
        with suppress(Stop), watch, redirect_stdout(sys.stderr):
            script.run(recorder)
        wrong = watch.broken()
        if wrong is not None:
            wrong.where = Place(self.scenario.filename).of(recorder.line)
            raise wrong


def tensors(data: Mapping[str, Array], recorder: Recorder) -> dict[str, Any]:
    """The tensors of a scenario's `data:`, told to the recorder as made in line 1."""
    from gradb.ops.creation import made

    recorder.line = 1
    found: dict[str, Any] = {}
    for name, array in data.items():
        found[name] = made(array.copy(), "data")
        recorder.named(name, found[name])
    return found


def start(scenario: Scenario, limits: Limits = NO_LIMITS) -> Run:
    """A run of the scenario, not begun. `limits` are the caller's, and go before those of the file."""
    return Run(scenario, budget(scenario.limits, limits))


def run(source: str | Scenario, limits: Limits = NO_LIMITS) -> Trace:
    """Runs a scenario, or what a SOURCE on the command line stands for, and returns its trace.

    Raises UserError where it cannot be opened or run, or where its program breaks a limit.
    """
    scenario = open_source(source) if isinstance(source, str) else source
    return start(scenario, limits).run()


def budget(of_file: Limits, of_caller: Limits) -> Budget:
    """What a program may use: the default, lowered by the file, replaced by what the caller says."""
    allowed = Budget()
    for name in ("events", "seconds", "bytes"):
        file, caller = getattr(of_file, name), getattr(of_caller, name)
        if file is not None:
            allowed = replace(allowed, **{name: min(file, getattr(allowed, name))})
        if caller is not None:
            allowed = replace(allowed, **{name: caller})
    return allowed
