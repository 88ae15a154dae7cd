"""Whether a run did what its scenario claims: `check(scenario, trace)` gives one Verdict for each claim."""

from difflib import get_close_matches

from gradb.scenario.claims import Claim, OrderClaim, PrintedClaim, RaisesClaim, StateClaim
from gradb.scenario.scenario import Scenario
from gradb.scenario.states import check_state
from gradb.scenario.verdict import Verdict
from gradb.trace.events import Printed, Raised, Visit
from gradb.trace.formulas import node_label
from gradb.trace.trace import Trace


def check(scenario: Scenario, trace: Trace) -> list[Verdict]:
    """The verdicts in the order of the file. An error that no claim expects adds one that fails."""
    verdicts = [_check(claim, trace) for claim in scenario.claims]
    if not any(isinstance(claim, RaisesClaim) for claim in scenario.claims):
        raised = _raised(trace)
        if raised is not None:
            number, event = raised
            verdicts.append(
                Verdict(
                    claim="the program ends without an error",
                    holds=False,
                    expected="no error",
                    actual=f"{event.error}: {event.message} (line {event.line})",
                    address=trace.address(number),
                )
            )
    return verdicts


def _check(claim: Claim, trace: Trace) -> Verdict:
    match claim:
        case StateClaim():
            return check_state(claim, trace)
        case OrderClaim():
            return _check_order(claim, trace)
        case PrintedClaim():
            return _check_printed(claim, trace)
        case RaisesClaim():
            return _check_raises(claim, trace)


def _check_order(claim: OrderClaim, trace: Trace) -> Verdict:
    expected = ", ".join(claim.order)
    title = f"step{claim.step} visits the nodes in order"
    if not 1 <= claim.step <= trace.steps:
        there = "no step" if trace.steps == 0 else f"the steps 1 to {trace.steps}"
        return Verdict(title, False, expected, f"the run has {there}", place=claim.place)
    first, last = trace.step_span(claim.step)
    numbers = [n for n in range(first, last + 1) if isinstance(trace.events[n - 1], Visit)]
    visited = [node_label(trace, event.node) for n in numbers if isinstance(event := trace.events[n - 1], Visit)]
    actual = ", ".join(visited) or "no node is visited"
    parts = next((i for i, pair in enumerate(zip(claim.order, visited, strict=False)) if pair[0] != pair[1]), None)
    if parts is None:
        parts = min(len(claim.order), len(visited))
    at = numbers[min(parts, len(numbers) - 1)] if numbers else last
    return Verdict(title, list(claim.order) == visited, expected, actual, trace.address(at), claim.place)


def _check_printed(claim: PrintedClaim, trace: Trace) -> Verdict:
    numbers = trace.of_kind("printed")
    texts = [event.text for n in numbers if isinstance(event := trace.events[n - 1], Printed)]
    title = "the program prints"
    for number, text in zip(numbers, texts, strict=True):
        if text.rstrip("\n") == claim.text or claim.text in text.splitlines():
            return Verdict(title, True, claim.text, claim.text, trace.address(number), claim.place)
    if not texts:
        return Verdict(title, False, claim.text, "nothing", place=claim.place)
    nearest = get_close_matches(claim.text, texts, n=1, cutoff=0.0)
    place = texts.index(nearest[0]) if nearest else 0
    return Verdict(title, False, claim.text, texts[place], trace.address(numbers[place]), claim.place)


def _check_raises(claim: RaisesClaim, trace: Trace) -> Verdict:
    title = f"the program ends with {claim.error}"
    expected = f"{claim.error}: ... {claim.message} ..." if claim.message else claim.error
    raised = _raised(trace)
    if raised is None:
        return Verdict(title, False, expected, "no error", place=claim.place)
    number, event = raised
    holds = event.error == claim.error and claim.message in event.message
    return Verdict(title, holds, expected, f"{event.error}: {event.message}", trace.address(number), claim.place)


def _raised(trace: Trace) -> tuple[int, Raised] | None:
    numbers = trace.of_kind("raised")
    if not numbers:
        return None
    event = trace.events[numbers[-1] - 1]
    assert isinstance(event, Raised)
    return numbers[-1], event
