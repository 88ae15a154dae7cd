"""A tensor without elements may have millions of empty rows: nothing that reads a run writes them out."""

import json
from functools import cache

import pytest
from exported import exported, trace_of
from gradb.errors import UserError
from gradb.scenario.expectations import check
from gradb.scenario.loader import parse
from gradb.scenario.record_claim import state_entry
from gradb.scenario.runner import run
from gradb.scenario.setting import targets
from gradb.trace.formulas import explain
from gradb.trace.numbers import is_short
from gradb.trace.trace import Trace

ROWS = 30_000_000
PROGRAM = f"import torch\nx = torch.empty({ROWS}, 0, requires_grad=True)\ny = x * 2\ny.sum().backward()\n"


@cache
def trace() -> Trace:
    return trace_of(PROGRAM)


def test_what_is_told_of_it_is_its_shape() -> None:
    told = [explain(trace(), number).title for number in range(1, len(trace()) + 1)]
    assert any(f"{ROWS}×0" in title for title in told)
    assert max(map(len, told)) < 200


@pytest.mark.parametrize("name", ["jsonl", "html", "markdown", "svg", "csv"])
def test_an_export_has_its_shape_and_no_rows(name: str) -> None:
    assert len(exported(trace(), name)) < 200_000
    if name == "jsonl":
        first = json.loads(exported(trace(), name).splitlines()[1])
        assert (first["value"]["shape"], first["value"]["data"]) == ([ROWS, 0], None)


def test_a_claim_and_what_can_be_set_leave_it_out() -> None:
    assert "x" not in [target.name for target in targets(trace(), len(trace()))]
    with pytest.raises(UserError, match="the shape"):
        state_entry(trace(), "x", len(trace()))


def test_a_claim_that_fails_tells_its_shape() -> None:
    text = f"title: T\nprogram: |\n  import torch\n  x = torch.empty({ROWS}, 0)\nexpect:\n  - {{at: end, x: [1.0]}}\n"
    scenario = parse(text, "made.yaml")
    [verdict] = check(scenario, run(scenario))
    assert not verdict.holds
    assert len(verdict.actual) < 200


def test_a_few_empty_rows_are_short() -> None:
    three = trace_of("import torch\nx = torch.empty(3, 0)\n").value(1, 1)
    assert three is not None
    assert is_short(three, 3)
    assert not is_short(three, 2)
