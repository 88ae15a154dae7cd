"""Replaying one source: `replay_one(source, options)` prints the walk and the verdicts, and returns what it found."""

import sys
from dataclasses import dataclass

import msgspec
from gradb.debug.cleaning import clean_json, harmless
from gradb.errors import UserError
from gradb.export.json import Encoder
from gradb.export.selection import span
from gradb.scenario.schema import Limits
from gradb.scenario.verdict import Verdict
from gradb.trace.file.keep import Save
from gradb.trace.file.trace import understood
from gradb.trace.trace import Trace

from gradb_tui.cli.github import annotations, harmless_json
from gradb_tui.cli.output import clean, put, say
from gradb_tui.cli.recording import record, say_warnings
from gradb_tui.cli.replay_result import Result, checked_run, not_run
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
    github: bool = False
    save: Save | None = None


def replay_one(source: str, options: Options) -> Result:
    """Prints what was asked for; what is wrong with the source is told on standard error."""
    printer = _Printer(options)
    result = _replay(source, options, printer)
    if options.json and options.quiet:
        for line in result.lines():
            printer.json(clean_json(msgspec.json.encode(line)))
    if options.github:
        sys.stdout.flush()
        for line in annotations(result):
            print(line, file=sys.stderr if options.json else sys.stdout)
    sys.stdout.flush()
    return result


class _Printer:
    """Prints lines so that neither a terminal nor, where that was asked for, GitHub's runner obeys them."""

    def __init__(self, options: Options) -> None:
        self.for_github = options.github

    def text(self, text: str) -> None:
        print(self._harmless(text))

    def say(self, text: str) -> None:
        sys.stdout.flush()
        say(self._harmless(clean(text)))

    def json(self, line: bytes) -> None:
        put((harmless_json(line) if self.for_github else line) + b"\n")

    def _harmless(self, text: str) -> str:
        return harmless(text) if self.for_github else text


def _replay(source: str, options: Options, printer: _Printer) -> Result:
    trace: Trace | None = None
    try:
        with understood():
            run, stopped = record(source, options.limits, options.save)
            trace = run.trace
            if not options.quiet:
                _print_walk(run.scenario.title, trace, options, printer)
                sys.stdout.flush()
                say_warnings(run, printer.say)
            if stopped is not None:
                raise stopped
            result = checked_run(source, run.scenario, trace)
    except UserError as error:
        printer.say(str(error))
        return not_run(source, error, trace)
    if not options.json:
        _print_verdicts(result, options, printer)
    return result


def _print_verdicts(result: Result, options: Options, printer: _Printer) -> None:
    verdicts = [checked.verdict for checked in result.checked]
    shown = [verdict for verdict in verdicts if not options.quiet or not verdict.holds]
    if shown and not options.quiet:
        printer.text("\nexpectations")
    for verdict in shown:
        printer.text(_verdict_text(verdict))
    printer.text(clean(_summary(result)))


def _print_walk(title: str, trace: Trace, options: Options, printer: _Printer) -> None:
    numbers = span(trace, options.first, options.last)
    stop = first_stop(trace, options.until, numbers) if options.until else None
    if stop is not None:
        numbers = range(numbers.start, stop.event + 1)
    if options.json:
        encoder = Encoder(trace)
        for number in numbers:
            printer.json(encoder.line(number))
    else:
        printer.text(clean(title))
        for line in walk(trace, numbers):
            printer.text(line)
    if options.until:
        printer.say(stop_text(trace, stop, options.until))


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


def _summary(result: Result) -> str:
    size = f"{result.events} events, {result.steps} step{'' if result.steps == 1 else 's'}"
    total = len(result.checked)
    if not total:
        return f"{result.source}: ran to its end, nothing was expected ({size})"
    return f"{result.source}: {total - result.failed} of {total} expectations hold ({size})"
