"""Trace files that do not keep every value: what stays, what is known of the rest, and that the file stays small."""

import sqlite3
from contextlib import closing
from pathlib import Path

import gradb
import numpy as np
import pytest
from gradb.debug.breakpoint import parse_breakpoint
from gradb.debug.breakpoints import Breakpoints
from gradb.errors import UserError
from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.events import Array
from gradb.trace.file.keep import parse_keep, parse_size
from gradb.trace.file.trace import FileTrace, open_trace
from gradb.trace.formulas import explain
from gradb.trace.health import health
from gradb.trace.thinned import is_thinned
from gradb.trace.trace import Trace

PROGRAM = """title: Many values
program: |
  import torch
  torch.manual_seed(1)
  x = torch.randn(40, 30)
  w = torch.randn(30, 20, requires_grad=True)
  for step in range(STEPS):
      out = torch.tanh(x @ w)
      loss = (out ** 2).mean()
      loss.backward()
      with torch.no_grad():
          w -= 0.1 * w.grad
          w.grad.zero_()
"""


def scenario(steps: int) -> Scenario:
    return parse(PROGRAM.replace("STEPS", str(steps)), "many.yaml")


def recorded(folder: Path, steps: int, keep: str = "all", budget: str = "") -> tuple[Trace, FileTrace]:
    """The run in memory, and in a file that keeps less."""
    run(scenario(steps), save=folder / "run.gradb", keep=keep, budget=budget).close()  # type: ignore[attr-defined]
    return run(scenario(steps)), open_trace(folder / "run.gradb")


def outputs(trace: Trace) -> dict[int, Array]:
    """By step, the value of the largest tensor that it makes."""
    found: dict[int, Array] = {}
    for step in range(1, trace.steps + 1):
        out = trace.lookup("out", trace.step_span(step)[1])
        value = None if out is None else trace.value(out, trace.step_span(step)[1])
        assert value is not None
        found[step] = value
    return found


@pytest.mark.parametrize(
    ("keep", "kept"),
    [("summary", set[int]()), ("window:3-5", {3, 4, 5}), ("every:4", {1, 5, 9, 13}), ("all", set(range(1, 15)))],
)
def test_values_are_kept_of_the_steps_that_were_asked_for(keep: str, kept: set[int], tmp_path: Path) -> None:
    memory, file = recorded(tmp_path, 14, keep)
    values = outputs(file)
    assert {step for step, value in values.items() if not is_thinned(value)} == kept
    for step, value in outputs(memory).items():
        if step in kept:
            assert np.array_equal(values[step], value)
    file.close()


@pytest.mark.parametrize("keep", ["summary", "window:3-5", "every:4"])
def test_of_what_was_not_kept_the_shape_the_dtype_and_the_health_are_known(keep: str, tmp_path: Path) -> None:
    memory, file = recorded(tmp_path, 9, keep)
    thinned = 0
    for one, other in zip(memory.events, file.events, strict=True):
        if one.kind != "forward":
            continue
        for expected, found in zip(one.outputs, other.outputs, strict=True):  # type: ignore[union-attr]
            assert (found.array.shape, found.array.dtype) == (expected.array.shape, expected.array.dtype)
            assert health(found.array) == health(expected.array)
            thinned += is_thinned(found.array)
    assert thinned > 10
    file.close()


def test_a_kept_step_begins_with_the_parameters_and_data_that_it_had(tmp_path: Path) -> None:
    memory, file = recorded(tmp_path, 9, "window:6-7")
    at = memory.step_span(6)[0]
    for name in ("w", "x"):
        tensor = memory.lookup(name, at)
        assert tensor is not None
        found = file.value(tensor, at)
        expected = memory.value(tensor, at)
        assert found is not None
        assert expected is not None
        assert not is_thinned(found)
        assert np.array_equal(found, expected)
    file.close()


def test_parameters_stay_at_every_hundredth_step(tmp_path: Path) -> None:
    _, file = recorded(tmp_path, 201, "summary")
    tensor = file.lookup("w", len(file))
    assert tensor is not None
    kept = [number for number in file.writes((tensor, "value")) if not is_thinned(file.value(tensor, number))]  # type: ignore[arg-type]
    assert [file.step_of(number) for number in kept] == [1, 1, 100, 200, 201]
    file.close()


def test_with_a_budget_the_oldest_values_go_and_the_newest_stay(tmp_path: Path) -> None:
    _, file = recorded(tmp_path, 150, budget="150 kB")
    kept = [step for step, value in outputs(file).items() if not is_thinned(value)]
    assert kept == list(range(kept[0], 151))
    assert 1 < kept[0] < 150
    with closing(sqlite3.connect(tmp_path / "run.gradb")) as tables:
        assert next(tables.execute("SELECT sum(length(data)) FROM contents"))[0] <= 150_000
    run(scenario(150), save=tmp_path / "whole.gradb")
    assert (tmp_path / "run.gradb").stat().st_size < 0.4 * (tmp_path / "whole.gradb").stat().st_size
    assert file.facts["thinned_to"] == file.thinned_to
    assert file.step_of(file.thinned_to) < kept[0]
    file.close()


def test_a_budget_that_is_not_reached_changes_nothing(tmp_path: Path) -> None:
    _, file = recorded(tmp_path, 8, budget="1GB")
    assert not any(map(is_thinned, outputs(file).values()))
    assert file.thinning == ""
    file.close()


def test_a_trace_says_what_was_not_kept(tmp_path: Path) -> None:
    for keep, budget, said in (
        ("window:3-5", "", "values of steps 3 to 5 were kept; of others their health, and parameters now and then"),
        ("every:4", "", "values of every 4th step were kept; of others their health, and parameters now and then"),
        ("summary", "", "no values were kept but their health, and parameters now and then"),
    ):
        with closing(recorded(tmp_path, 8, keep, budget)[1]) as file:
            assert file.thinning == said
    with closing(recorded(tmp_path, 60, "all", "150kB")[1]) as file:
        last = file.step_of(file.thinned_to)
        assert file.thinning == f"values up to step {last} were not kept, to stay within 150,000 bytes"


def test_a_script_says_what_to_keep(tmp_path: Path) -> None:
    with gradb.record(tmp_path / "run.gradb", keep="summary") as trace:
        x = gradb.ones(40, requires_grad=True)
        for _ in range(3):
            y = (x * 2).exp()
            y.sum().backward()
            with gradb.no_grad():
                x -= 1
    assert sum(is_thinned(event.outputs[0].array) for event in trace.events if event.kind == "forward") > 2  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["", "some", "window:5-3", "window:0-3", "every:0", "every:x", "window:3"])
def test_what_says_nothing_that_can_be_kept_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="which values to keep"):
        parse_keep(text)


@pytest.mark.parametrize(("text", "size"), [("500MB", 500_000_000), ("2 GiB", 2 << 30), ("1.5kB", 1500), ("77", 77)])
def test_sizes_are_read_with_their_units(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MB", "-3MB", "0", "3 miles", "9" * 400, "9999999999999 GB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is not a size"):
        parse_size(text)


def test_what_reads_values_goes_by_the_health_of_those_that_were_not_kept(tmp_path: Path) -> None:
    memory, file = recorded(tmp_path, 9, "summary")
    for number in range(1, len(memory) + 1):
        expected, found = explain(memory, number), explain(file, number)
        assert (found.title, found.symbols) == (expected.title, expected.symbols)
        assert not any("nan" in line for line in found.numbers)
    for text in ("nan_or_inf", "all_zero", "exploding"):
        stops = [Breakpoints([parse_breakpoint(text)]).next(trace, 0) for trace in (memory, file)]
        first, second = (None if stop is None else stop.event for stop in stops)
        assert first == second
    file.close()
