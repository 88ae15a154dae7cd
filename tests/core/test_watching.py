"""Expressions that are watched: their values, and of conditions whether they hold."""

import pytest
from gradb.debug.watching import Seen, check_watched, first_name, seen
from gradb.errors import UserError
from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.trace.trace import Trace

TEXT = """\
title: T
program: |
  import torch
  w = torch.tensor([3.0, -4.0], requires_grad=True)
  loss = (w * w).sum()
  loss.backward()
"""


@pytest.fixture(scope="module")
def trace() -> Trace:
    return run(parse(TEXT, "s.yaml"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("w.norm()", Seen("5")),
        ("w.shape", Seen("[2]")),
        ("w * 2", Seen("[6, -8]")),
        ("w.grad.norm() > 9", Seen("w.grad = [6, -8], w.grad.norm() = 10", True)),
        ("w > 5", Seen("w = [3, -4]", False)),
        ("loss.isnan()", Seen("loss = 25, loss.isnan() = False", False)),
        ("loss.grad.norm() > 1", Seen("not known here")),
        ("step", Seen("1")),
        ("w.grad[7]", Seen("w.grad[7] is outside of the shape [2]", wrong=True)),
        ("w +", Seen("this is no condition: invalid syntax", wrong=True)),
    ],
)
def test_a_value_is_shown_and_of_a_condition_whether_it_holds(trace: Trace, text: str, value: Seen) -> None:
    assert seen(text, trace, len(trace)) == value


def test_a_built_in_condition_shows_its_threshold(trace: Trace) -> None:
    found = seen("exploding(3)", trace, trace.of_kind("accumulate")[0])
    assert found.holds
    assert "stops above 3" in found.text


def test_what_can_never_be_seen_is_refused(trace: Trace) -> None:
    check_watched("w.norm()", trace)
    check_watched("nan_or_inf", trace)
    with pytest.raises(UserError, match="no tensor is ever called 'q'"):
        check_watched("q.norm()", trace)
    with pytest.raises(UserError, match="invalid syntax"):
        check_watched("w +", trace)


def test_the_first_variable_of_an_expression_is_known(trace: Trace) -> None:
    assert [first_name(text) for text in ("w.grad.norm() > 2", "step > 3", "nan_or_inf", "w +")] == ["w", "", "", ""]
