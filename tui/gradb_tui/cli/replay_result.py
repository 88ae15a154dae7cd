"""What a replay of one source found: `Result`, from which verdict lines, reports and the summary are made."""

import re
from contextlib import suppress

from gradb.debug.cleaning import clean
from gradb.errors import UserError
from gradb.scenario.expectations import check
from gradb.scenario.scenario import Scenario
from gradb.scenario.verdict import Verdict
from gradb.scenario.verdict_records import Outcome, Problem, ReplayLine, VerdictLine
from gradb.scenario.verdict_text import failure_text
from gradb.trace.trace import Trace
from msgspec import Struct

_PLACE = re.compile(r"(.+?):([0-9]{1,9})(?::([0-9]{1,9}))?$")


class Spot(Struct, frozen=True):
    """A place in a file; line and column count from 1 and are 0 where they are not known."""

    file: str
    line: int = 0
    column: int = 0

    @staticmethod
    def of(place: str, otherwise: str) -> "Spot":
        """The spot of `file:line:column`; for a place of another form the file `otherwise`."""
        match = _PLACE.fullmatch(place)
        return Spot(otherwise) if match is None else Spot(match[1], int(match[2]), int(match[3] or 0))


class Checked(Struct, frozen=True):
    """A verdict, where its claim stands, and, where it fails, the failure told at length."""

    verdict: Verdict
    spot: Spot
    text: str = ""


class Result(Struct, frozen=True):
    """A source that was replayed. `problem` says why it could not run to its end, None where it could."""

    source: str
    checked: tuple[Checked, ...] = ()
    events: int = 0
    steps: int = 0
    problem: Problem | None = None

    @property
    def failed(self) -> int:
        """How many expectations fail."""
        return sum(not checked.verdict.holds for checked in self.checked)

    @property
    def outcome(self) -> Outcome:
        """How it ended, in a word."""
        return "cannot_run" if self.problem is not None else "fails" if self.failed else "holds"

    @property
    def code(self) -> int:
        """The exit code that it asks for."""
        return {"holds": 0, "fails": 1, "cannot_run": 2}[self.outcome]

    def lines(self) -> list[VerdictLine | ReplayLine]:
        """It as records for JSON."""
        verdicts = [checked.verdict for checked in self.checked]
        return [
            *[VerdictLine(self.source, v.claim, v.holds, v.expected, v.actual, v.address, v.place) for v in verdicts],
            ReplayLine(
                self.source, self.outcome, len(verdicts), self.failed, self.events, self.steps, self.problem
            ),
        ]  # fmt: skip


def checked_run(source: str, scenario: Scenario, trace: Trace) -> Result:
    """Checks every expectation of a run that came to its end."""
    found: list[Checked] = []
    for verdict in check(scenario, trace):
        text = "" if verdict.holds else clean(failure_text(verdict, trace, scenario))
        found.append(Checked(verdict, _spot(verdict, scenario, trace), text))
    return Result(source, tuple(found), len(trace), trace.steps)


def not_run(source: str, error: UserError, trace: Trace | None = None) -> Result:
    """A source that cannot be read, or whose program could not run to its end."""
    problem = Problem(error.what, error.where, error.allowed, error.fix)
    with suppress(UserError):  # a trace file may be damaged so that this cannot be known
        if trace is not None and len(trace):
            return Result(source, events=len(trace), steps=trace.steps, problem=problem)
    return Result(source, problem=problem)


def _spot(verdict: Verdict, scenario: Scenario, trace: Trace) -> Spot:
    """Where the claim stands; for the end of the program, which no claim is about, the line of its last event."""
    if verdict.place or not verdict.address:
        return Spot.of(verdict.place, scenario.filename)
    line = trace.events[trace.locate(verdict.address) - 1].line
    return Spot(scenario.filename, scenario.first_line - 1 + line)
