"""A verdict on a claim told at length: `failure_text(verdict, trace, scenario)`, for who has not seen the run."""

from gradb.debug.surroundings import around
from gradb.scenario.program.places import Place
from gradb.scenario.scenario import Scenario
from gradb.scenario.verdict import Verdict
from gradb.trace.trace import Trace


def failure_text(verdict: Verdict, trace: Trace, scenario: Scenario) -> str:
    """What was claimed and what is, in the first line; then where, with the program's line and the events around."""
    lines = [
        f"expected {' '.join(verdict.expected.split())}, is {' '.join(verdict.actual.split())}",
        f"  claim:    {verdict.claim}{f' ({verdict.place})' if verdict.place else ''}",
        *_several("expected", verdict.expected),
        *_several("actual", verdict.actual),
    ]
    if verdict.address:
        at = trace.locate(verdict.address)
        line = trace.events[at - 1].line
        lines.append(f"  address:  {verdict.address}")
        if 1 <= line <= len(trace.source_lines):
            place = Place(scenario.filename, scenario.first_line).of(line)
            lines.append(f"  source:   {place}: {trace.source_lines[line - 1].strip()}")
        lines += ["  events:", *[f"    {text}" for text in around(trace, at)]]
    return "\n".join(lines)


def _several(label: str, text: str) -> list[str]:
    """A text of one or several lines below each other, beside its label."""
    first, *rest = text.split("\n")
    return [f"  {f'{label}:':<10}{first}", *[f"  {'':<10}{line}" for line in rest]]
