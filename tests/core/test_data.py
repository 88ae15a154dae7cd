"""Loaders in a recording and in a scenario's program: what is told of a batch, and in which step it lies."""

from typing import Any

import gradb
import gradb.dialect as torch
import pytest
from gradb.recording import recording
from gradb.scenario.program import Program
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Header, Trace

data = torch.utils.data

PROGRAM = """
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split
from torch.optim.lr_scheduler import StepLR
from torch.nn.utils import clip_grad_norm_

class Points(Dataset):
    def __init__(self, n):
        self.x = torch.arange(float(n)).reshape(n, 1)

    def __getitem__(self, i):
        row = self.x[i] * 2
        return row, row * 3

    def __len__(self):
        return len(self.x)

model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
scheduler = StepLR(optimizer, step_size=1, gamma=0.5)
loader = DataLoader(Points(4), batch_size=2, shuffle=True, num_workers=2)
for epoch in range(2):
    for x, y in loader:
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    scheduler.step()
first, second = random_split(TensorDataset(torch.arange(5)), [0.6, 0.4])
print(len(loader), len(loader.dataset), len(first), len(second), scheduler.get_last_lr())
"""


def run(source: str) -> Trace:
    recorder = Recorder(Trace(Header(source=source, instrumented=True)))
    with recording(recorder):
        error = Program(source, "program").run(recorder)
    assert error is None
    return recorder.trace


def test_a_scenarios_program_loads_data_and_trains() -> None:
    trace = run(PROGRAM)
    (printed,) = trace.of_kind("printed")
    event: Any = trace.event(printed)
    assert event.text == "2 4 3 2 [0.0025]"
    assert trace.steps == 4
    assert len(trace.of_kind("clipped")) == 4
    assert len(trace.of_kind("scheduled")) == 2


def test_a_batch_begins_its_step_as_tensors_that_the_loader_made() -> None:
    trace = run(PROGRAM)
    for step in (2, 3, 4):
        first, _ = trace.step_span(step)
        events: list[Any] = [trace.event(first), trace.event(first + 1)]
        told = [(event.kind, event.origin, trace.name(event.tensor.id)) for event in events]
        assert told == [("tensor_created", "DataLoader", "x"), ("tensor_created", "DataLoader", "y")]


def test_what_a_data_set_computes_is_not_recorded() -> None:
    trace = run(PROGRAM)
    ops = {event.op.name for event in trace.events if event.kind == "forward"}  # type: ignore[union-attr]
    assert not ops & {"select", "stack"}
    assert trace.lookup("row", len(trace)) is None


def test_a_recording_goes_on_after_an_error_in_a_data_set() -> None:
    class Broken(data.Dataset[Any]):
        def __getitem__(self, index: Any) -> Any:
            raise KeyError(index)

        def __len__(self) -> int:
            return 1

    with gradb.record() as trace:
        with pytest.raises(KeyError):
            next(iter(data.DataLoader(Broken())))
        torch.ones(1)
    assert [event.kind for event in trace.events] == ["tensor_created"]


def test_a_data_set_indexed_by_hand_is_recorded() -> None:
    dataset = data.TensorDataset(torch.ones(2, 2))
    with gradb.record() as trace:
        dataset[0]
    assert [event.kind for event in trace.events] == ["tensor_created", "forward"]


def test_items_of_several_workers_would_come_twice_from_an_iterable_data_set() -> None:
    class Counting(data.IterableDataset[int]):
        def __iter__(self) -> Any:
            return iter(range(3))

    with pytest.raises(ValueError, match="once per worker"):
        data.DataLoader(Counting(), num_workers=2)


def test_a_loader_cannot_be_changed_once_made() -> None:
    loader = data.DataLoader([1, 2])
    with pytest.raises(ValueError, match="batch_size"):
        loader.batch_size = 2
