"""`gradb export`: the trace of a run as a file, which is replaced only when the new one is complete."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gradb.debug.replacing import write_file
from gradb.errors import UserError
from gradb.export.formats import DEFAULT, Format, find, guess

from gradb_tui.cli.output import put, say
from gradb_tui.cli.progress import progress

if TYPE_CHECKING:
    from gradb.export.selection import Request, Selection
    from gradb.scenario.schema import Limits
    from gradb.trace.trace import Trace


def export_to(source: str, format_: str | None, output: Path | None, request: "Request", limits: "Limits") -> int:
    """Records the source and writes what is requested of it; without a file, to standard output.

    Raises UserError; of a run that did not come to its end only when what there is of it is written.
    """
    if output is not None and str(output) == "-":
        output = None
    chosen = _format(format_, output)
    from gradb.export.selection import select
    from gradb.export.writing import check_target
    from msgspec.structs import replace

    from gradb_tui.cli.recording import record
    from gradb_tui.cli.words import words_of

    if output is not None:
        check_target(output, source)
    run, stopped = record(source, limits)
    trace = run.trace
    selection = replace(select(trace, request, chosen.takes), words=words_of(run.scenario))
    pieces = chosen.chunks(trace, selection)
    if output is None:
        for piece in pieces:
            put(piece)
        notice = chosen.notice(trace, selection)
        if notice:
            say(notice)
        return _ended(stopped)
    written = 0

    def counted() -> Iterator[bytes]:
        nonlocal written
        for piece in pieces:
            written += len(piece)
            yield piece

    with progress("exporting", lambda: written, unit="bytes"):
        size = write_file(output, counted())
    notice = chosen.notice(trace, selection)
    say(f"{_told(trace, selection, whole=not notice)} written to {output} ({size:,} bytes)")
    if notice:
        say(notice)
    return _ended(stopped)


def _ended(stopped: UserError | None) -> int:
    """0 where the run came to its end. Raises UserError where it did not."""
    if stopped is not None:
        raise stopped
    return 0


def _format(name: str | None, output: Path | None) -> Format:
    """The format that was named, or that the file's name stands for. Raises UserError."""
    chosen = find(name or DEFAULT) if name or output is None else guess(str(output))
    if chosen.binary and output is None and sys.stdout.isatty():
        raise UserError(
            f"{chosen.name} is not text, and a terminal cannot show it", fix="write it to a file with -o FILE"
        )
    return chosen


def _told(trace: "Trace", selection: "Selection", whole: bool) -> str:
    """What was exported, in a few words."""
    if selection.at_moment:
        return trace.address(selection.at) if selection.at else "an empty run"
    if not whole:
        return "a part of the run"
    count = len(selection.numbers)
    return f"{count} event{'' if count == 1 else 's'}"
