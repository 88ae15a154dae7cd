"""A trace in a file answers as the same trace in memory."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradb
import numpy as np
import pytest
from gradb.scenario.runner import run
from gradb.trace.events import Array, Event, Printed, Scheduled, TensorState
from gradb.trace.file.dumping import save_trace
from gradb.trace.file.trace import FileTrace, open_trace
from gradb.trace.mentions import Mentions
from gradb.trace.trace import Header, Trace
from hypothesis import given, settings
from hypothesis import strategies as st
from same_trace import assert_answers_the_same, assert_same
from synthetic import traces

SCENARIOS = [
    "leaf", "regression_optimizer", "retain_graph", "zero_grad", "accumulation", "in_place", "hooks", "double_backward",
    "broadcasting", "batch_norm", "char_rnn", "exploding_gradient", "nan_from_where", "no_grad_and_detach",
    "momentum_adam", "static_vs_dynamic", "control_flow", "xor_mlp",
]  # fmt: skip


def saved(trace: Trace, folder: Path) -> FileTrace:
    path = folder / "run.gradb"
    save_trace(trace, path)
    return open_trace(path)


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_saved_and_opened_answers_every_question_as_in_memory(name: str, folder: Path) -> None:
    memory = run(name)
    draw = np.random.default_rng(len(name))
    moments = sorted({0, 1, len(memory), *draw.integers(1, len(memory) + 1, 25).tolist()})
    file = saved(memory, folder)
    assert_answers_the_same(memory, file, moments)
    for text in ("mul", "loss", "backward", "zzz", ""):
        for by in (1, -1):
            assert Mentions(memory).nearest(text, moments[2], by) == Mentions(file).nearest(text, moments[2], by)
        assert Mentions(memory).count(text) == Mentions(file).count(text)
    file.close()


@given(traces(), st.data())
@settings(max_examples=50, deadline=None)
def test_any_trace_saved_and_opened_answers_every_question_as_in_memory(trace: Trace, data: Any) -> None:
    with TemporaryDirectory() as name:
        file = saved(trace, Path(name))
        moments = data.draw(st.lists(st.integers(0, len(trace)), max_size=4, unique=True).map(sorted))
        assert_answers_the_same(trace, file, moments)
        for one, other in zip(trace.events, file.events, strict=True):
            assert_same(one, other)
        file.close()


arrays: list[Array] = [
    np.array(3.5, np.float64),
    np.zeros((0, 3), np.float32),
    np.arange(6, dtype=">i4").reshape(2, 3),
    np.array([True, False]),
    np.array([[np.nan, np.inf, -0.0]], np.float16),
    np.array([1 + 2j], np.complex64),
    np.arange(5000, dtype=np.int64),
    np.random.default_rng(0).normal(size=(40, 50)).astype(np.float32),
    np.arange(12.0).reshape(3, 4).T,
]


@pytest.mark.parametrize("array", arrays, ids=lambda array: f"{array.dtype}{array.shape}")
def test_an_array_of_any_type_shape_and_size_comes_back_bit_for_bit(array: Array, folder: Path) -> None:
    trace = Trace(Header())
    state = TensorState(1, array, False)
    trace.events.append(gradb_created(state))
    trace.events.append(gradb_created(state))
    file = saved(trace, folder)
    found = file.events[1].tensor.array  # type: ignore[union-attr]
    assert found.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(found, array, equal_nan=array.dtype.kind == "f")
    file.close()


def gradb_created(state: TensorState) -> Event:
    from gradb.trace.events import TensorCreated

    return TensorCreated(1, state, "tensor")


def test_texts_that_are_not_unicode_and_numbers_beyond_64_bits_come_back(folder: Path) -> None:
    trace = Trace(Header())
    trace.events.append(Printed(1, "a\ud800b"))
    trace.events.append(Scheduled(2, "StepLR", 0, "lr", 0.1, float("nan"), "rule", (("n", 2**80), ("x", None))))
    file = saved(trace, folder)
    assert_same([*trace.events], [*file.events])
    file.close()


def test_equal_contents_are_stored_once(folder: Path) -> None:
    with gradb.record() as trace:
        big = gradb.ones(100, 100)
        for _ in range(5):
            big.add(0)
    saved(trace, folder).close()
    with closing(sqlite3.connect(folder / "run.gradb")) as tables:
        assert [*tables.execute("SELECT count(*), max(length(data)) < 1000 FROM contents")] == [(1, 1)]


def test_what_is_kept_in_memory_stays_below_the_size_that_was_set(folder: Path) -> None:
    draw = np.random.default_rng(0)
    trace = Trace(Header())
    for number in range(1, 200):
        trace.events.append(gradb_created(TensorState(number, draw.normal(size=1000), False)))
    path = folder / "run.gradb"
    save_trace(trace, path)
    file = open_trace(path, cache=100_000)
    for _ in range(2):
        for one, other in zip(trace.events, file.events, strict=True):
            assert_same(one, other)
        assert file.kept_bytes <= 100_000
    file.close()
