"""One of the two runs that `gradb diff` compares: `open_side("leaf@torch", limits)`."""

from pathlib import Path
from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.scenario.runner import budget
from gradb.scenario.scenario import Scenario
from gradb.scenario.sources import open_source, script_words
from gradb.trace.file import database
from gradb.trace.file.tables import SUFFIX
from gradb.trace.file.trace import FileTrace, open_trace
from gradb.trace.trace import Trace
from msgspec import Struct

from gradb_tui.cli.progress import progress
from gradb_tui.cli.recording import record

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits

ENGINES = ("gradb", "torch")


class Side(Struct, frozen=True):
    """A run, what the command line calls it, and what was run."""

    name: str
    trace: Trace
    scenario: Scenario

    @property
    def about(self) -> str:
        """The engine and the size of the run."""
        engine = self.trace.header.engine.partition(" (")[0]
        steps = self.trace.steps
        cut = ", not recorded to its end" if isinstance(self.trace, FileTrace) and self.trace.growing else ""
        return f"{engine}, {len(self.trace):,} events, {steps:,} step{'' if steps == 1 else 's'}{cut}"


def is_trace_file(source: str) -> bool:
    """Whether a source is a run that was recorded, and not a program."""
    return Path(source).suffix.lower() == SUFFIX or database.is_trace_file(Path(source))


def open_side(text: str, limits: "Limits", engine: str = "") -> Side:
    """The run of a source, on the engine that is given or that the source names: `leaf@torch`.

    Raises UserError where it cannot be read, or cannot run to its end.
    """
    source, named = _parted(text)
    engine = named or engine or "gradb"
    name = source if engine == "gradb" else f"{source}@{engine}"
    if is_trace_file(source):
        if named or engine != "gradb":
            raise UserError(
                f"a run that was recorded runs on no engine, so there is no {source}@{engine}",
                allowed="a scenario or a script, with @torch behind it",
            )
        return Side(source, open_trace(source), open_source(source))
    return _on_torch(name, source, limits) if engine == "torch" else _on_gradb(name, source, limits)


def _parted(text: str) -> tuple[str, str]:
    """The source and the engine behind `@`, which is empty where there is none."""
    source, at, engine = text.rpartition("@")
    if not at or Path(text).exists() or (engine not in ENGINES and script_words(text)):
        return text, ""
    if engine not in ENGINES:
        raise UserError(f"there is no engine {engine!r}", where=text, allowed=", ".join(ENGINES))
    return source, engine


def _on_gradb(name: str, source: str, limits: "Limits") -> Side:
    run, stopped = record(source, limits)
    if stopped is not None:
        raise stopped
    return Side(name, run.trace, run.scenario)


def _on_torch(name: str, source: str, limits: "Limits") -> Side:
    from gradb.verify.pytorch.running import TorchRun

    scenario = open_source(source)
    run = TorchRun(scenario, budget(scenario.limits, limits))
    with progress("recording on PyTorch", lambda: len(run.trace)):
        return Side(name, run.run(), scenario)
