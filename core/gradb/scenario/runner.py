"""Runs a scenario: `run("leaf")` gives its Trace, `start(scenario)` a Run whose trace can be read while it grows."""

import sys
import threading
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from gradb import random
from gradb.errors import UserError
from gradb.recording import end_saving, gradb_version, recording
from gradb.scenario.program.budget import Budget, Cancelled, Stop
from gradb.scenario.program.places import Place
from gradb.scenario.program.program import Program
from gradb.scenario.program.script import Script
from gradb.scenario.program.watch import Watch
from gradb.scenario.saved import facts_of_run
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.scenario.sources import open_source
from gradb.trace.events import Array
from gradb.trace.file.keep import Save, parse_keep
from gradb.trace.file.saving import Saving
from gradb.trace.file.trace import open_trace
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Header, Trace

NO_LIMITS = Limits()
_PAUSE = 0.1  # seconds between two looks at a file that another process writes


class Run:
    """A run that has not begun. `trace` is empty until `run` is called, and grows while that works in some thread.

    `warnings` are what the program was warned of: source line and text, each once.
    """

    def __init__(self, scenario: Scenario, budget: Budget, save: Save | None = None) -> None:
        """`save` is the trace file to write. Raises UserError where that cannot be."""
        self.scenario = scenario
        self.budget = budget
        title = scenario.english_title or scenario.title
        header = Header(version=gradb_version(), title=title, source=scenario.program, instrumented=True)
        self._saving = (
            None if save is None else Saving(save.path, header, facts_of_run(scenario), scenario.data, save.keep)
        )
        self.trace = Trace(header) if self._saving is None else self._saving.trace
        self.warnings: dict[tuple[int, str], None] = {}  # line and text, each once, in order
        self._cancelled = threading.Event()

    def run(self) -> Trace:
        """Runs the program in this thread. An error of the program's own becomes the trace's last event.

        Raises UserError where the program is not allowed, uses more than its budget, or is cancelled: the trace then
        holds what was recorded up to there. One program runs at a time: RuntimeError where another one does.
        """
        recorder = self._recorder()
        with self._saved(), recording(recorder), self._heeding_warnings(recorder):
            if self.scenario.trusted:
                self._run_script(recorder)
            else:
                given = tensors(self.scenario.data, recorder)
                self._program(given).run(recorder, self.budget, cancelled=self._cancelled.is_set)
        return self.trace

    def check(self) -> None:
        """Raises UserError where the program is not allowed. Runs nothing."""
        if self.scenario.trusted:
            return
        try:
            self._program(self.scenario.data).check()
        except UserError:
            if self._saving is not None:
                self._saving.discard()
            raise

    def cancel(self) -> None:
        """Asks the program to stop, from any thread."""
        self._cancelled.set()

    def _recorder(self) -> Recorder:
        return Recorder(self.trace)

    @contextmanager
    def _saved(self) -> Generator[None]:
        """Inside, what is recorded is written into the trace file, where there is to be one."""
        if self._saving is None:
            yield
            return
        random.chosen_seed = random.DEFAULT_SEED  # with which a program begins
        self._saving.begin()
        stopped = "the program was interrupted"
        try:
            try:
                yield
                stopped = ""
            except UserError as error:
                stopped = str(error)
                raise
        except BaseException:
            with suppress(UserError):  # why the run stopped is the error to tell
                if len(self.trace.events):
                    end_saving(self._saving, self.warnings, stopped)
                else:
                    self._saving.discard()
            raise
        end_saving(self._saving, self.warnings)

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
            script.run(recorder, arguments=self.scenario.arguments)
        wrong = watch.broken()
        if wrong is not None:
            wrong.where = Place(self.scenario.filename).of(recorder.line)
            raise wrong


class SavedRun(Run):
    """Stands for the run that a trace file has; another process may still write it."""

    def __init__(self, scenario: Scenario, budget: Budget) -> None:
        super().__init__(scenario, budget)
        self._file = open_trace(scenario.saved)
        self.trace = self._file
        self.warnings = dict.fromkeys(self._file.warnings)

    def run(self) -> Trace:
        """Waits for the end of the run. Raises UserError where it was stopped, or cut off, before its end."""
        while self._file.is_written:
            if self._cancelled.wait(_PAUSE):
                raise Cancelled("the file is not looked at any more: another process goes on to write it")
        self.warnings.update(dict.fromkeys(self._file.warnings))
        if self._file.growing:
            raise UserError(
                f"the recording was cut off after {len(self._file)} events",
                where=self.scenario.saved,
                fix="what there is can be walked; for the rest, record the run again",
            )
        stopped = str(self._file.facts.get("stopped") or "")
        if stopped:
            raise UserError(f"the recording ended early: {stopped}", where=self.scenario.saved)
        return self.trace

    def check(self) -> None:
        """Nothing is run, so everything is allowed."""


def tensors(data: Mapping[str, Array], recorder: Recorder) -> dict[str, Any]:
    """The tensors of a scenario's `data:`, told to the recorder as made in line 1."""
    from gradb.ops.creation import made

    recorder.line = 1
    found: dict[str, Any] = {}
    for name, array in data.items():
        found[name] = made(array.copy(), "data")
        recorder.named(name, found[name])
    return found


def start(scenario: Scenario, limits: Limits = NO_LIMITS, save: Save | None = None) -> Run:
    """A run of the scenario, not begun. `limits` are the caller's, and go before those of the file.

    With `save`, it is written into that trace file. Raises UserError where that cannot be.
    """
    allowed = budget(scenario.limits, limits)
    if not scenario.saved:
        return Run(scenario, allowed, save)
    if save is not None:
        raise UserError("a run that is saved already is not saved again", where=scenario.saved, fix="copy the file")
    return SavedRun(scenario, allowed)


def run(
    source: str | Scenario,
    limits: Limits = NO_LIMITS,
    save: str | PathLike[str] | None = None,
    keep: str = "all",
    budget: str = "",
) -> Trace:
    """Runs a scenario, or what a SOURCE on the command line stands for, and returns its trace.

    `save` is a trace file to write, in which `keep` and `budget` say which values stay, as `gradb record --keep` and
    `--budget`. Raises UserError where the source cannot be opened or run, where its program
    breaks a limit, and where the file cannot be written.
    """
    scenario = open_source(source) if isinstance(source, str) else source
    return start(scenario, limits, None if save is None else Save(Path(save), parse_keep(keep, budget))).run()


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
