"""Claims against runs: which hold, and what a failing one shows."""

import pytest
from gradb.scenario.expectations import check
from gradb.scenario.loader import parse
from gradb.scenario.verdict import Verdict
from gradb.trace.events import Raised
from gradb.trace.trace import Trace
from synthetic import build

RUN = [
    ("create", 1, 1, 0.0),
    ("update", 1, 2, 0.5),
    ("backward", 1, 3, 0.0),
    ("accumulate", 1, 3, 2.0),
    ("forward", 2, 4, float("nan")),
    ("print", 1, 5, 0.0),
]


def _verdicts(entry: str, trace: Trace | None = None) -> list[Verdict]:
    scenario = parse(f"title: T\nprogram: x = 1\nexpect:\n  - {entry}\n", "s.yaml")
    return check(scenario, build(RUN) if trace is None else trace)


def _verdict(entry: str) -> Verdict:
    (verdict,) = _verdicts(entry)
    return verdict


HOLDING = [
    "{at: end, t1: [0.5]}",
    "{at: start, t1: [0.0], t1.grad: null}",
    "{at: start, t1: [0]}",
    "{at: end, t1: {near: [0.4], within: 0.11}}",
    "{at: end, t1: [0.5000002]}",
    "{at: end, t1.grad: [2.0], t1.grad.shape: [1]}",
    "{at: end, t1.requires_grad: true, t1.is_leaf: true, t1.grad_fn: null}",
    "{at: end, out.grad_fn: MulBackward0, out.is_leaf: false}",
    "{at: end, out: [.nan]}",
    "{at: end, t1.shape: [1], t1.dtype: float32}",
    "{at: end, t1.dtype: torch.float32}",
    "{order: [MulBackward0]}",
    "{printed: text}",
]


@pytest.mark.parametrize("entry", HOLDING)
def test_a_claim_that_is_true_holds(entry: str) -> None:
    assert [verdict for verdict in _verdicts(entry) if not verdict.holds] == []


FAILING = {
    "{at: end, t1: [0.6]}": ("[0.6]", "[0.5] (0.1 away)"),
    "{at: end, t1: {near: [0.4], within: 0.01}}": ("[0.4] within 0.01", "[0.5] (0.1 away)"),
    "{at: end, t1: 0.5}": ("0.5", "[0.5] (the shape is [1], expected [])"),
    "{at: end, t1: [true]}": ("[true]", "[0.5] (the dtype is float32)"),
    "{at: end, out: [1.0]}": ("[1.0]", "[nan]"),
    "{at: end, t1.grad: null}": ("null", "[2.0]"),
    "{at: start, t1.grad: [2.0]}": ("[2.0]", "null"),
    "{at: end, t1.is_leaf: false}": ("false", "true"),
    "{at: end, t1.grad_fn: MulBackward0}": ("MulBackward0", "null"),
    "{at: end, t1.shape: [1, 1]}": ("[1, 1]", "[1]"),
    "{at: end, t1.dtype: int64}": ("int64", "float32"),
    "{at: end, t3: [1.0]}": ("[1.0]", "no tensor is called t3; there are t1, t2, out"),
    "{at: end, t1.requires_grd: true}": (
        "true",
        "no tensor is called t1.requires_grd, did you mean 't1.requires_grad'?; there are t1, t2, out",
    ),
    "{at: start, out: [1.0]}": ("[1.0]", "out does not exist yet; it is assigned after step1/update/3"),
    "{at: end, t2.grad.shape: [1]}": ("[1]", "t2.grad is None here"),
    "{at: step9, t1: [1.0]}": (
        "[1.0]",
        "there is no event at this address: address 'step9': the run has the steps 1 to 1",
    ),
    "{order: [AddBackward0, MulBackward0]}": ("AddBackward0, MulBackward0", "MulBackward0"),
    "{order: []}": ("", "MulBackward0"),
    "{order: [MulBackward0], step: 2}": ("MulBackward0", "the run has the steps 1 to 1"),
    "{printed: txt}": ("txt", "text"),
    "{raises: RuntimeError}": ("RuntimeError", "no error"),
}


@pytest.mark.parametrize(("entry", "shown"), FAILING.items(), ids=FAILING)
def test_a_claim_that_is_false_shows_what_is_expected_and_what_is_there(entry: str, shown: tuple[str, str]) -> None:
    verdict = _verdict(entry)
    assert not verdict.holds
    assert (verdict.expected, verdict.actual) == shown


def test_a_verdict_tells_the_event_and_the_place_in_the_file() -> None:
    verdict = _verdict("{at: 'line 2', t1: [0.6]}")
    assert (verdict.address, verdict.place) == ("step1/forward/3", "s.yaml:4:20")


def test_a_printed_claim_may_be_one_line_of_what_was_printed() -> None:
    trace = build(RUN)
    trace.events[-1] = type(trace.events[-1])(5, "first\nsecond")  # type: ignore[call-arg]
    assert [v.holds for v in _verdicts("{printed: second}", trace)] == [True]
    assert [v.holds for v in _verdicts("printed: |\n      first\n      second", trace)] == [True]


def test_an_error_that_nobody_expects_is_a_failure() -> None:
    trace = build(RUN)
    trace.events.append(Raised(6, "RuntimeError", "no graph"))
    true, unexpected = _verdicts("{at: end, t1: [0.5]}", trace)
    assert true.holds
    assert (unexpected.holds, unexpected.expected) == (False, "no error")
    assert unexpected.actual == "RuntimeError: no graph (line 6)"


@pytest.mark.parametrize(
    ("entry", "holds"),
    [
        ("{raises: RuntimeError}", True),
        ("{raises: RuntimeError, message: graph}", True),
        ("{raises: RuntimeError, message: leaf}", False),
        ("{raises: ValueError}", False),
    ],
)
def test_an_expected_error_is_compared_by_kind_and_message(entry: str, holds: bool) -> None:
    trace = build(RUN)
    trace.events.append(Raised(6, "RuntimeError", "no graph"))
    assert [verdict.holds for verdict in _verdicts(entry, trace)] == [holds]


def test_claims_about_an_empty_run_fail_and_say_so() -> None:
    trace = build([])
    actual = {v.actual for v in _verdicts("{at: end, t1: [1.0]}", trace) + _verdicts("{printed: a}", trace)}
    assert actual == {"there is no event at this address: address 'end': the run has no events", "nothing"}
