"""Where two runs part."""

import pytest
from gradb.debug.lockstep import first_divergence
from gradb.debug.stopping import Interrupted
from small_runs import TRAINING as PROGRAM
from small_runs import traced


def test_a_run_is_the_same_as_itself_again() -> None:
    assert first_divergence(traced(PROGRAM), traced(PROGRAM)) is None


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("0.1 * w.grad", "0.2 * w.grad", "mul"),
        ("w * w", "w + w", "the op"),
        ('"done"', '"over"', "the text"),
        ("range(4)", "range(3)", "the kind of event"),
        ("[3.0]", "[3.0, 1.0]", "shapes"),
        ("(w * w).sum()", "(w * w).mean()", "the op"),
        ("loss =", "lost =", "the names"),
        ('print("done")', "pass", "one run goes on"),
    ],
)
def test_the_first_difference_is_told_with_what_differs(old: str, new: str, what: str) -> None:
    changed = PROGRAM.replace(old, new).replace("loss.b", "lost.b") if new == "lost =" else PROGRAM.replace(old, new)
    found = first_divergence(traced(PROGRAM), traced(changed))
    assert found is not None
    assert what in found.what
    assert found.left != found.right


def test_a_small_difference_is_within_the_tolerance() -> None:
    left, right = traced(PROGRAM), traced(PROGRAM.replace("[3.0]", "[3.0001]"))
    found = first_divergence(left, right)
    assert found is not None
    assert found.event == 1
    assert first_divergence(left, right, relative=1e-2) is None


def test_the_walk_can_begin_later_and_be_cancelled() -> None:
    left, right = traced(PROGRAM), traced(PROGRAM.replace("[3.0]", "[2.0]"))
    found = first_divergence(left, right, start=5)
    assert found is not None
    assert found.event == 6
    assert found.what == "∂L/∂w (1 apart)"
    with pytest.raises(Interrupted):
        first_divergence(left, right, cancelled=lambda: True)
