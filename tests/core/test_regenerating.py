"""What a trace file did not keep comes back by running the program again, and only if that does what it did."""

from pathlib import Path

import numpy as np
import pytest
from gradb.errors import UserError
from gradb.scenario import regenerating
from gradb.scenario.loader import parse
from gradb.scenario.program import BudgetExceeded
from gradb.scenario.regenerating import regeneration
from gradb.scenario.runner import run
from gradb.scenario.saved import saved_scenario
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.trace.file.trace import FileTrace, open_trace
from gradb.trace.thinned import is_thinned
from gradb.trace.trace import Trace
from msgspec.structs import replace
from same_trace import assert_same

PROGRAM = """title: Many values
program: |
  import torch
  torch.manual_seed(1)
  x = torch.randn(40, 30)
  w = torch.randn(30, 20, requires_grad=True)
  best = torch.zeros(30, 20)
  for step in range(90):
      out = torch.tanh(x @ w)
      if step == 3:
          best = w.detach() * 2
      loss = (out ** 2).mean()
      loss.backward()
      with torch.no_grad():
          w -= 0.1 * w.grad
          w.grad.zero_()
"""


@pytest.fixture
def scenario() -> Scenario:
    return parse(PROGRAM, "many.yaml")


@pytest.fixture
def memory(scenario: Scenario) -> Trace:
    return run(scenario)


def saved(scenario: Scenario, folder: Path, keep: str = "summary") -> FileTrace:
    run(scenario, save=folder / "run.gradb", keep=keep)
    return open_trace(folder / "run.gradb")


def test_the_values_of_a_step_that_was_not_kept_come_back_as_they_were(
    scenario: Scenario, memory: Trace, tmp_path: Path
) -> None:
    file = saved(scenario, tmp_path)
    filling = regeneration(saved_scenario(tmp_path / "run.gradb"), file)
    assert filling is not None
    first, last = file.step_span(30)
    assert filling.lacks(first)
    filling.fill(first + 3)
    for at in range(first, last + 1):
        assert not filling.lacks(at)
        assert_same(memory.event(at), file.event(at))
        for name in memory.bindings:  # also what a variable holds since long before
            tensor = memory.lookup(name, at)
            assert tensor is not None
            assert_same(memory.state(tensor, at), file.state(tensor, at))
            assert_same(memory.grad(tensor, at), file.grad(tensor, at))
    file.close()


def test_steps_near_the_one_that_was_asked_for_come_with_it(scenario: Scenario, tmp_path: Path) -> None:
    file = saved(scenario, tmp_path)
    filling = regeneration(scenario, file)
    assert filling is not None
    filling.fill(file.step_span(20)[0])
    there = [step for step in range(1, 91) if not filling.lacks(file.step_span(step)[1])]
    assert there == [*range(18, 71)]
    file.close()


def test_no_more_is_filled_in_than_there_is_room_for(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regenerating, "ROOM", 300_000)
    file = saved(scenario, tmp_path)
    filling = regeneration(scenario, file)
    assert filling is not None
    at = file.step_span(20)[0]
    filling.fill(at)
    assert not filling.lacks(at)
    assert not any(map(is_thinned, [file.value(1, at)]))
    assert filling.lacks(file.step_span(60)[0])
    file.close()


def test_a_program_that_does_something_else_is_an_error_that_says_where(scenario: Scenario, tmp_path: Path) -> None:
    file = saved(scenario, tmp_path)
    other = replace(scenario, program=scenario.program.replace("0.1 * w.grad", "0.1001 * w.grad"))
    filling = regeneration(other, file)
    assert filling is not None
    at = file.step_span(30)[0]
    with pytest.raises(UserError, match="does something else than it did") as caught:
        filling.fill(at)
    assert caught.value.where.startswith("step")
    assert "line" in caught.value.where
    assert not filling.lacks(at)  # it is not tried again and again, here or elsewhere
    assert any(is_thinned(array) for array in [file.value(file.lookup("out", at) or 0, at)])
    file.close()


def test_a_program_with_fewer_events_is_an_error(scenario: Scenario, tmp_path: Path) -> None:
    file = saved(scenario, tmp_path)
    other = replace(scenario, program=scenario.program.replace("range(90)", "range(20)"))
    filling = regeneration(other, file)
    assert filling is not None
    with pytest.raises(UserError, match="events when it ran again"):
        filling.fill(file.step_span(60)[0])
    file.close()


def test_only_what_can_be_computed_again_without_harm_is(scenario: Scenario, memory: Trace, tmp_path: Path) -> None:
    file = saved(scenario, tmp_path)
    assert regeneration(replace(scenario, trusted=True), file) is None
    assert regeneration(replace(scenario, document=""), file) is None
    assert regeneration(scenario, memory) is None
    assert regeneration(None, file) is None
    file.close()
    assert regeneration(scenario, saved(scenario, tmp_path, "all")) is None


def test_what_is_filled_in_makes_room_again(scenario: Scenario, tmp_path: Path) -> None:
    saved(scenario, tmp_path).close()
    file = open_trace(tmp_path / "run.gradb", cache=200_000)
    filling = regeneration(scenario, file)
    assert filling is not None
    at = file.step_span(20)[0]
    filling.fill(at)
    assert file.kept_bytes <= 200_000
    file.close()


def test_values_of_before_are_the_ones_of_memory(scenario: Scenario, memory: Trace, tmp_path: Path) -> None:
    file = saved(scenario, tmp_path, "window:40-45")
    filling = regeneration(scenario, file)
    assert filling is not None
    assert not filling.lacks(file.step_span(42)[0])
    assert filling.lacks(file.step_span(41 + 20)[0])
    tensor = memory.lookup("w", len(memory)) or 0
    assert np.array_equal(file.value(tensor, len(file)), memory.value(tensor, len(memory)))  # type: ignore[arg-type]
    file.close()


def test_a_program_that_runs_again_keeps_to_the_limits_of_its_scenario(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regenerating, "_PER_EVENT", 0.0)
    file = saved(scenario, tmp_path)
    endless = replace(scenario, program="while True: pass\n", limits=Limits(seconds=0.2))
    filling = regeneration(endless, file)
    assert filling is not None
    with pytest.raises(BudgetExceeded, match=r"0\.2 seconds"):
        filling.fill(file.step_span(30)[0])
    file.close()
