"""A trace in a file answers as the same trace in memory."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradb
import numpy as np
import pytest
from gradb.scenario.runner import run
from gradb.trace.events import EVENT_KINDS, Array, Event, NodeRef, OpInfo, Printed, Scheduled, TensorState
from gradb.trace.file.dumping import save_trace
from gradb.trace.file.trace import FileTrace, open_trace
from gradb.trace.mentions import Mentions
from gradb.trace.trace import Header, Trace
from gradb.trace.writes import Cell, What
from hypothesis import given
from hypothesis import strategies as st
from synthetic import traces

SCENARIOS = [
    "leaf", "regression_optimizer", "retain_graph", "zero_grad", "accumulation", "in_place", "hooks", "double_backward",
    "broadcasting", "batch_norm", "char_rnn", "exploding_gradient", "nan_from_where", "no_grad_and_detach",
    "momentum_adam", "static_vs_dynamic", "control_flow", "xor_mlp",
]  # fmt: skip
WHATS: tuple[What, ...] = ("value", "grad", "flags", "optimizer")


def assert_same(one: Any, other: Any) -> None:
    """Equal in type, in content, bit for bit, and in what is NaN."""
    assert type(one) is type(other), (one, other)
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.tobytes() == other.tobytes()
    elif isinstance(one, tuple | list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    elif isinstance(one, (TensorState, NodeRef, OpInfo, *EVENT_KINDS)):
        for field in one.__struct_fields__:
            assert_same(getattr(one, field), getattr(other, field))
    elif isinstance(one, float):
        assert one == other or (one != one and other != other)
    else:
        assert one == other


def tensors_of(trace: Trace) -> list[int]:
    found: dict[int, None] = {}

    def look(value: Any) -> None:
        if isinstance(value, TensorState):
            found[value.id] = None
        elif isinstance(value, tuple):
            for item in value:
                look(item)

    for event in trace.events:
        for field in event.__struct_fields__:
            look(getattr(event, field))
    return [*found]


def assert_answers_the_same(memory: Trace, file: Trace, moments: list[int]) -> None:
    """Every public question about a trace, at these moments."""
    assert len(memory) == len(file)
    assert (memory.header, memory.source_lines, memory.steps) == (file.header, file.source_lines, file.steps)
    assert (dict(memory.names), [*memory.bindings]) == (dict(file.names), [*file.bindings])
    assert (list(memory.loops.names), list(memory.loops.borders())) == (file.loops.names, list(file.loops.borders()))
    for kind in (one.kind for one in EVENT_KINDS):  # type: ignore[attr-defined]
        assert [*memory.of_kind(kind)] == [*file.of_kind(kind)]
    for line in range(len(memory.source_lines) + 2):
        assert [*memory.on_line(line)] == [*file.on_line(line)]
    assert [*memory.line_starts()] == [*file.line_starts()]
    assert_same([*memory.losses()], [*file.losses()])
    assert {word: [*numbers] for word, numbers in memory.words().items()} == {
        word: [*numbers] for word, numbers in file.words().items()
    }
    for name in memory.bindings:
        assert_same([*memory.bindings[name].since], [*file.bindings[name].since])
        assert_same([*memory.bindings[name].ids], [*file.bindings[name].ids])
        for what in WHATS:
            assert [*memory.history(name, what)] == [*file.history(name, what)], (name, what)
    for step in range(1, memory.steps + 1):
        assert memory.step_span(step) == file.step_span(step)
        assert memory.phase_spans(step) == file.phase_spans(step)
        assert memory.turns_of(step) == file.turns_of(step)
    for tensor in tensors_of(memory):
        assert memory.name(tensor) == file.name(tensor)
        for what in WHATS:
            cell = Cell(tensor, what)
            assert [*memory.writes(cell)] == [*file.writes(cell)]
            for at in moments[:3]:
                assert memory.last_write(cell, at) == file.last_write(cell, at)
                assert memory.next_write(cell, at) == file.next_write(cell, at)
    for at in moments:
        assert_answers_at(memory, file, at)


def assert_answers_at(memory: Trace, file: Trace, at: int) -> None:
    if at:
        assert_same(memory.event(at), file.event(at))
        address = memory.address(at)
        assert address == file.address(at)
        assert memory.locate(address) == file.locate(address) == at
        assert (memory.step_of(at), memory.phase_of(at)) == (file.step_of(at), file.phase_of(at))
        assert memory.phase_span(at) == file.phase_span(at)
        assert memory.matches("step2", at) == file.matches("step2", at)
    for name in memory.bindings:
        for text in (name, f"{name}.grad"):
            assert memory.lookup(text, at) == file.lookup(text, at)
        tensor = memory.lookup(name, at)
        if tensor is not None:
            assert_same(memory.state(tensor, at), file.state(tensor, at))
            assert_same(memory.value(tensor, at), file.value(tensor, at))
            assert_same(memory.grad_state(tensor, at), file.grad_state(tensor, at))
            assert_same(memory.grad(tensor, at), file.grad(tensor, at))
    if len(memory):
        graph = memory.graph(at)
        assert graph == file.graph(at)
        assert memory.node_states(graph, at) == file.node_states(graph, at)
        assert memory.flow(graph, at) == file.flow(graph, at)
        for node in graph.nodes:
            for how in ("visit", "fan_in", "freed"):
                assert [*memory.find(node.key, how)] == [*file.find(node.key, how)]


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
    file = saved(trace, folder)
    assert file.database.rows("SELECT count(*), max(length(data)) < 1000 FROM arrays") == [(1, 1)]
    file.close()


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
