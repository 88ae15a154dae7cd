"""Turning what is on the screen into a claim of the scenario file."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradb.errors import UserError
from gradb.scenario.document import read
from gradb.scenario.expectations import check
from gradb.scenario.flow_style import flow_text
from gradb.scenario.loader import load, parse
from gradb.scenario.record_claim import order_entry, printed_entry, propose, state_entry, with_entry
from gradb.scenario.runner import run
from gradb.trace.trace import Trace
from hypothesis import given
from hypothesis import strategies as st

HEAD = """\
# a comment at the top
title:   "A title"   # kept
program: |
  import torch
  w = torch.tensor([0.1, -2.5e-7], requires_grad=True)
  m = torch.zeros(9, 9)
  n = torch.tensor([[1, 2], [3, 4]])
  y = (w * w).sum()
  y.backward()
  print("a: b", 3)

"""
TAILS = {
    "none": "",
    "list": "expect:\n- {at: end, w.is_leaf: true}\n",
    "indented": "expect:\n  # why\n  - {at: end, w.is_leaf: true}\n  - order: [SumBackward0, MulBackward0,\n"
    "      AccumulateGrad(w)]   # long\n",
    "in the middle": "expect:\n    -   at: end\n        w.is_leaf: true\n\n# the limits\nlimits: {events: 1000}\n",
    "empty": "expect: []\nlimits: {events: 1000}\n",
    "block text": "expect:\n  - printed: |\n      a: b 3\n\nwatch: [w]\n",
    "no line break": "expect:\n  - {at: end, w.is_leaf: true}",
    "windows": "expect:\r\n  - {at: end, w.is_leaf: true}\r\nwatch: [w]\r\n",
}


@pytest.fixture(scope="module")
def trace() -> Trace:
    return run(parse(HEAD, "s.yaml"))


@pytest.mark.parametrize("tail", TAILS.values(), ids=TAILS.keys())
@pytest.mark.parametrize(
    "subject", ["w", "w.grad", "w.requires_grad", "y.grad_fn", "n", "m.shape", "y.dtype", "n.grad", "y"]
)
def test_a_claim_from_the_screen_holds_and_nothing_else_changes(
    trace: Trace, tmp_path: Path, tail: str, subject: str
) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes((HEAD + tail).encode())
    proposal = propose(path, state_entry(trace, subject, len(trace)))
    assert path.read_bytes() == (HEAD + tail).encode()
    proposal.write()
    scenario = load(path)
    assert all(verdict.holds for verdict in check(scenario, run(scenario)))
    assert scenario.claims[-1].subject == subject  # type: ignore[union-attr]
    before, after = (HEAD + tail).splitlines(), path.read_bytes().decode().splitlines()
    added = [line for line in after if line not in before]
    assert len(added) <= 2
    assert [line for line in after if line not in added] == [line for line in before if line in after]


def test_the_change_is_shown_before_it_is_made(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(HEAD + TAILS["indented"])
    diff = propose(path, state_entry(trace, "w.grad", len(trace))).diff
    changed = [
        line for line in diff.splitlines() if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    ]
    assert changed == [f"+  - {{at: {trace.address(len(trace))}, w.grad: [0.2, -5e-07]}}"]


def test_orders_and_printed_texts_become_claims_too(trace: Trace) -> None:
    printed = printed_entry(trace, trace.of_kind("printed")[0])
    text = with_entry(with_entry(HEAD, order_entry(trace, 1), "s.yaml"), printed, "s.yaml")
    scenario = parse(text, "s.yaml")
    assert [verdict.holds for verdict in check(scenario, trace)] == [True, True]
    with pytest.raises(UserError, match="nothing is printed"):
        printed_entry(trace, 1)
    with pytest.raises(UserError, match="no node is visited"):
        order_entry(trace, 7)


def test_a_long_order_takes_a_line_for_each_node(trace: Trace) -> None:
    program = HEAD.replace("(w * w).sum()", "(w * w * w * w * w * w).sum()")
    long = run(parse(program, "s.yaml"))
    text = with_entry(program, order_entry(long, 1), "s.yaml")
    assert "  - order:\n      - SumBackward0\n" in text
    assert check(parse(text, "s.yaml"), long)[-1].holds


def test_a_large_tensor_is_refused_with_what_to_claim_instead(trace: Trace) -> None:
    with pytest.raises(UserError, match="81 elements") as error:
        state_entry(trace, "m", len(trace))
    assert "m.shape" in error.value.fix


def test_an_unknown_tensor_is_refused(trace: Trace) -> None:
    with pytest.raises(UserError, match="no tensor is called q"):
        state_entry(trace, "q", len(trace))


def test_a_file_that_changed_in_the_meantime_is_left_alone(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(HEAD)
    proposal = propose(path, state_entry(trace, "w", len(trace)))
    path.write_text(HEAD + "watch: [w]\n")
    with pytest.raises(UserError, match="changed in the meantime"):
        proposal.write()
    assert path.read_text() == HEAD + "watch: [w]\n"


@pytest.mark.parametrize(
    "tail", ["expect: [{at: end, w.is_leaf: true}]\n", "expect: [\n  {at: end, w.is_leaf: true}]\n"]
)
def test_a_list_in_brackets_is_left_to_the_reader_with_the_line_to_put_in(trace: Trace, tail: str) -> None:
    with pytest.raises(UserError) as error:
        with_entry(HEAD + tail, state_entry(trace, "w.is_leaf", len(trace)), "s.yaml")
    assert "w.is_leaf: true" in error.value.fix


def test_a_missing_file_is_a_mistake_of_the_user(trace: Trace, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        propose(tmp_path / "none.yaml", state_entry(trace, "w", len(trace)))


plain: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats()
    | st.text(
        st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029\ufeff", min_codepoint=32, max_codepoint=126),
        max_size=8,
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abz.019_ :{}[],#'\"", max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain)
def test_a_value_in_one_line_is_read_back_as_it_was(value: Any) -> None:
    found = read(f"x: {flow_text(value)}\n", "s.yaml").value
    assert isinstance(found, dict)
    assert np.array_equal(repr(found["x"]), repr(value))
