"""Accepting a run as the one to compare with from now on: `accept(path, run)`."""

from pathlib import Path

from gradb.scenario.saved import facts_of_run
from gradb.trace.file.dumping import save_trace
from gradb.trace.file.target import Target
from gradb.trace.file.trace import FileTrace

from gradb_tui.cli.diff_side import Side


def accept(path: Path, run: Side, old: Side | None = None) -> None:
    """Writes the run to a trace file. A file that is there is replaced when the new one is complete, and not before.

    `old` is the run in that file, which is let go. Raises UserError where the file cannot be written.
    """
    if old is not None and isinstance(old.trace, FileTrace):
        old.trace.close()
    target = Target(path)
    try:
        save_trace(run.trace, target.path, facts_of_run(run.scenario), run.scenario.data)
        target.finish()
    except BaseException:
        target.abandon()
        raise
