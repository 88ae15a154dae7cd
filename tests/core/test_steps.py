"""Where a run is cut into steps, with known loops and without."""

import ast
from textwrap import indent

import pytest
from gradb.scenario.loader import parse
from gradb.scenario.program.loop_names import name_of_loop
from gradb.scenario.runner import run
from gradb.trace.address import AddressError
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
    turns = [tuple((turn.loop, turn.number) for turn in trace.turns_of(step)) for step in range(1, 7)]
    assert turns == [(("epoch", epoch), ("batch", batch)) for epoch in (1, 2) for batch in (1, 2, 3)]
    assert trace.locate("epoch 2") == trace.locate("epoch2/batch1") == trace.step_span(4)[0]
    assert trace.locate("epoch 1 / batch 3") == trace.step_span(3)[0]
    assert trace.locate("batch 2") == trace.step_span(2)[0]
    inside = [n for n in range(1, len(trace) + 1) if trace.matches("epoch 2", n)]
    assert inside == list(range(trace.step_span(4)[0], len(trace) + 1))
    assert trace.names_turn("epoch2/batch1")
    assert not trace.names_turn("break 3")
    for wrong, why in (("epoch 3", "no turn epoch 3"), ("batch 4", "no turn"), ("epok 2", "there are: epoch, batch")):
        with pytest.raises(AddressError, match=why):
            trace.locate(wrong)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("for epoch in range(2)", "epoch"),
        ("for i, (x, y) in enumerate(rows)", "i"),
        ("for i, (x, y) in enumerate(train_loader)", "batch"),
        ("for batch_idx, (x, y) in enumerate(rows)", "batch"),
        ("for x, y in loader", "batch"),
        ("for x, y in rows", "turn"),
        ("for _ in range(3)", "turn"),
        ("for step in range(3)", "turn"),
        ("for x1 in rows", "turn"),
    ],
)
def test_a_loop_is_called_by_what_it_counts(header: str, name: str) -> None:
    assert name_of_loop(ast.parse(f"{header}: pass").body[0]) == name
