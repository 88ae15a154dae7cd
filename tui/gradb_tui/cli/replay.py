"""`gradb replay`: the walk, then each expectation, then the verdict."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from gradb.debug.breakpoint import parse_breakpoint
from gradb.errors import UserError
from gradb.export.json import Encoder
from gradb.export.selection import span
from gradb.scenario.expectations import check
from gradb.scenario.schema import Limits
from gradb.scenario.verdict import Verdict
from gradb.trace.trace import Trace

from gradb_tui.cli.output import clean, put, say
from gradb_tui.cli.recording import record, say_warnings
from gradb_tui.cli.stopping import first_stop, stop_text
from gradb_tui.cli.walk import walk


@dataclass(frozen=True, slots=True)
class Options:
    """What to print and how far the program may go."""

    limits: Limits
    quiet: bool = False
    json: bool = False
    first: str = "start"
    last: str = "end"
    until: tuple[str, ...] = ()


def replay_all(sources: Sequence[str], options: Options) -> int:
    """Replays one source after the other; 0 if all hold, 1 if an expectation fails, 2 if one could not run.

    Raises UserError for an `until` that cannot be read.
    """
    for text in options.until:
        parse_breakpoint(text)
    worst = 0
    for source in sources:
        try:
            worst = max(worst, _replay(source, options))
        except UserError as error:
            say(clean(str(error)))
            worst = 2
    return worst


def _replay(source: str, options: Options) -> int:
    run, stopped = record(source, options.limits)
    trace = run.trace
    if not options.quiet:
        _print_walk(run.scenario.title, trace, options)
        sys.stdout.flush()
        say_warnings(run)
    if stopped is not None:
        raise stopped
    verdicts = check(run.scenario, trace)
    failed = sum(not verdict.holds for verdict in verdicts)
    if options.json:
        if options.quiet:
            for verdict in verdicts:
                put(msgspec.json.encode(verdict) + b"\n")
    else:
        shown = [verdict for verdict in verdicts if not options.quiet or not verdict.holds]
        if shown and not options.quiet:
            print("\nexpectations")
        for verdict in shown:
            print(_verdict_text(verdict))
        print(_summary(source, trace, len(verdicts), failed))
    return 1 if failed else 0


def _print_walk(title: str, trace: Trace, options: Options) -> None:
    numbers = span(trace, options.first, options.last)
    stop = first_stop(trace, options.until, numbers) if options.until else None
    if stop is not None:
        numbers = range(numbers.start, stop.event + 1)
    if options.json:
        encoder = Encoder(trace)
        for number in numbers:
            put(encoder.line(number) + b"\n")
    else:
        print(clean(title))
        for line in walk(trace, numbers):
            print(line)
    if options.until:
        sys.stdout.flush()
        say(clean(stop_text(trace, stop, options.until)))


def _verdict_text(verdict: Verdict) -> str:
    """One line for a claim that holds; one that fails is told at length."""
    at = f"  ({verdict.address})" if verdict.address else ""
    if verdict.holds:
        actual = "" if verdict.actual == verdict.expected else f", is {verdict.actual}"
        return clean(f"  holds  {verdict.claim}: {verdict.expected}{actual}{at}")
    lines = [
        f"  FAILS  {verdict.claim}",
        f"         expected: {verdict.expected}",
        f"         actual:   {verdict.actual}{at}",
    ]
    if verdict.place:
        lines.append(f"         claimed:  {verdict.place}")
    return clean("\n".join(lines))


def _summary(source: str, trace: Trace, total: int, failed: int) -> str:
    size = f"{len(trace)} events, {trace.steps} step{'' if trace.steps == 1 else 's'}"
    if not total:
        return f"{source}: ran to its end, nothing was expected ({size})"
    return f"{source}: {total - failed} of {total} expectations hold ({size})"
