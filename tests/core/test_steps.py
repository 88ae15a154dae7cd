"""Where a run is cut into steps, with known loops and without."""

from textwrap import indent

from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.trace.trace import Trace
from synthetic import Draw, build

STEP: list[Draw] = [
    ("forward", 1, 2, 1.0),
    ("backward", 1, 3, 0.0),
    ("update", 1, 4, 1.0),
    ("zero", 1, 5, 0.0),
]


def shape(trace: Trace) -> list[list[tuple[str, int]]]:
    return [[(phase, last - first + 1) for phase, first, last in trace.phase_spans(s + 1)] for s in range(trace.steps)]


def test_without_known_loops_the_first_zero_grad_after_an_update_begins_a_step() -> None:
    trace = build([*STEP, *STEP])
    assert shape(trace) == [
        [("forward", 2), ("backward", 3), ("update", 1)],
        [("forward", 2), ("backward", 3), ("update", 1)],
        [("forward", 1)],
    ]


def test_two_updates_and_resets_after_one_backward_do_not_make_a_step_of_their_own() -> None:
    trace = build([*STEP, ("update", 1, 6, 1.0), ("zero", 1, 7, 0.0), *STEP])
    assert trace.steps == 3
    assert [phase for phase, _ in shape(trace)[1]] == ["forward", "backward", "update"]


def test_with_known_loops_a_step_begins_where_the_turn_of_its_backward_began() -> None:
    backward: Draw = ("backward", 1, 3, 0.0)
    forward: Draw = ("forward", 1, 2, 1.0)
    trace = build([forward, forward, backward, forward, forward, backward], instrumented=True, turns=True)
    # the turn of the second backward begins two events before it
    assert shape(trace) == [[("forward", 3), ("backward", 3)], [("forward", 2), ("backward", 3)]]
    assert trace.step_span(2) == (7, 11)


def test_a_run_without_a_backward_is_one_forward_phase() -> None:
    assert shape(build([("forward", 1, 1, 1.0), ("print", 1, 1, 0.0)])) == [[("forward", 3)]]


def test_a_second_backward_in_a_step_continues_its_backward_phase() -> None:
    trace = build([("backward", 1, 1, 0.0), ("print", 1, 2, 0.0), ("backward", 1, 3, 0.0)], instrumented=True)
    assert shape(trace) == [[("forward", 1), ("backward", 3), ("update", 1), ("backward", 3)]]
    assert trace.address(6) == "step1/backward/4"
    assert trace.locate("step1/backward/4") == 6


def test_a_step_in_nested_loops_knows_the_turn_of_each() -> None:
    program = """
import torch
w = torch.tensor([1.0], requires_grad=True)
for epoch in range(2):
    for batch in range(3):
        (w * 2).backward()
"""
    trace = run(parse(f"title: Nested loops\nabout: Two loops.\nprogram: |\n{indent(program, '  ')}", "nested.yaml"))
    assert trace.steps == 6
    assert [trace.turns_of(step) for step in range(1, 7)] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)]
