"""A run that is saved while it is recorded: the file grows, holds what it must, and loses nothing that was there."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import gradb
import pytest
from gradb.trace.file.trace import open_trace
from gradb.trace.trace import Trace
from same_trace import assert_answers_the_same


def train(steps: int) -> Any:
    gradb.manual_seed(3)
    x = gradb.linspace(-1, 1, 50)
    w = gradb.randn(1, requires_grad=True)
    for _ in range(steps):
        loss = ((w * x - 2 * x) ** 2).mean()
        loss.backward()
        with gradb.no_grad():
            w -= 0.1 * w.grad
            w.grad.zero_()
    return w


def recorded(steps: int) -> Trace:
    with gradb.record() as trace:
        w = train(steps)
    assert w is not None
    return trace


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def test_a_run_saved_while_it_is_recorded_is_the_run_recorded_in_memory(folder: Path) -> None:
    with gradb.record(folder / "run.gradb", title="Saved") as saved:
        w = train(120)
    assert w is not None
    memory = recorded(120)
    opened = open_trace(folder / "run.gradb")
    moments = [0, 1, 239, 240, 241, len(memory)]
    for trace in (saved, opened):
        assert trace.header.title == "Saved"
        trace.header = memory.header
        assert_answers_the_same(memory, trace, moments)
    assert [path.name for path in folder.iterdir()] == ["run.gradb"]
    assert not opened.growing
    assert opened.facts["seed"] == "3"
