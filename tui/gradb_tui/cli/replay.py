"""`gradb replay`: each source in turn or several at once, then the summary and the reports."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from gradb.debug.breakpoint import parse_breakpoint
from gradb.debug.cleaning import harmless
from gradb.debug.replacing import write_file
from gradb.errors import UserError

from gradb_tui.cli.junit import junit
from gradb_tui.cli.replay_one import Options, replay_one
from gradb_tui.cli.replay_result import Result


def replay_all(sources: Sequence[str], options: Options, jobs: int = 1, report: Path | None = None) -> int:
    """Replays every source, `jobs` at once; what is printed does not depend on that. `report` is a JUnit file.

    Returns 0 if all hold, 1 if an expectation fails, 2 if a source could not run. Raises UserError for an `until` that
    cannot be read, and where the report or the trace file cannot be written.
    """
    for text in options.until:
        parse_breakpoint(text)
    if options.save is not None and len(sources) > 1:
        raise UserError("one file holds one run", where=str(options.save.path), fix="name one source with --save")
    results = list(_replayed(sources, options, min(jobs, len(sources))))
    if len(results) > 1 and not options.json:
        from gradb_tui.cli.replay_table import print_summary

        print_summary(results, harmless if options.github else str)
        sys.stdout.flush()
    if report is not None:
        write_file(report, [junit(results)])
    return max(result.code for result in results)


def _replayed(sources: Sequence[str], options: Options, jobs: int) -> Iterator[Result]:
    if jobs > 1:
        from gradb_tui.cli.replay_workers import replay_in_workers

        yield from replay_in_workers(sources, options, jobs)
    else:
        for source in sources:
            yield replay_one(source, options)
