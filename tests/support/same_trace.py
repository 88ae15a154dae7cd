"""Whether two traces answer alike: `assert_answers_the_same(one, other, moments)` asks both everything."""

from typing import Any

import numpy as np
from gradb.trace.events import EVENT_KINDS, NodeRef, OpInfo, TensorState
from gradb.trace.trace import Trace
from gradb.trace.writes import Cell, What

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
