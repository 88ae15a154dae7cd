"""Saving and loading: what comes back, what is refused, and that nothing of a scenario reaches it."""

import io
from collections import OrderedDict
from pathlib import Path
from typing import Any

import gradb
import numpy as np
import pytest
from gradb.errors import UserError
from gradb.scenario.program import Program

torch: Any = gradb


def again(value: Any) -> Any:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=True)


def test_a_checkpoint_restores_model_optimizer_and_schedule(tmp_path: Path) -> None:
    def made() -> Any:
        model = torch.nn.Linear(2, 1)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        return model, optimizer, torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 3])

    def step(model: Any, optimizer: Any, schedule: Any) -> None:
        optimizer.zero_grad()
        model(torch.ones(3, 2)).sum().backward()
        optimizer.step()
        schedule.step()

    first, path = made(), tmp_path / "checkpoint.pt"
    step(*first)
    torch.save({"epoch": 1, "parts": [part.state_dict() for part in first]}, path)
    second = made()
    checkpoint = torch.load(path, map_location="cpu")
    for part, state in zip(second, checkpoint["parts"], strict=True):
        part.load_state_dict(state)
    step(*first)
    step(*second)
    assert checkpoint["epoch"] == 1
    assert second[0].weight.tolist() == first[0].weight.tolist()
    assert second[2].get_last_lr() == first[2].get_last_lr()


def test_containers_numbers_and_dtypes_come_back_as_they_were() -> None:
    value = {
        1: (True, None, 2**80, 0.1, float("inf"), "ä"),
        "s": {3, 4},
        "o": OrderedDict(a=[1, [2]]),
        "t": torch.float64,
        "n": torch.Size([2, 3]),
        (1, 2): "key",
    }
    found = again(value)
    assert found == value
    assert type(found["o"]) is OrderedDict
    assert repr(found["n"]) == "torch.Size([2, 3])"


def test_a_tensor_keeps_dtype_shape_and_requires_grad_and_becomes_a_leaf() -> None:
    w = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    product = again((w * 2)[:, 1])
    assert (product.tolist(), product.requires_grad, product.is_leaf) == ([2.0, 2.0], True, True)
    assert isinstance(again(torch.nn.Parameter(w.detach())), torch.nn.Parameter)
    assert again(torch.tensor(3)).dtype == torch.int64


def test_what_cannot_be_saved_is_named_with_its_place() -> None:
    with pytest.raises(TypeError, match=r"the object\['model'\] is a Linear.*state_dict"):
        again({"model": torch.nn.Linear(1, 1)})
    with pytest.raises(TypeError, match=r"the object\[1\] is a function"):
        again([0, again])
    own: list[Any] = []
    own.append(own)
    with pytest.raises(ValueError, match="contain itself"):
        again(own)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04rest", b"\x80\x04."])
def test_a_file_of_another_kind_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    path.write_bytes(content)
    with pytest.raises(RuntimeError, match=r"other\.pt was not written by gradb"):
        torch.load(path)


def test_an_archive_with_pickled_arrays_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "objects.npz"
    np.savez(path, gradb_structure=np.array([{}], dtype=object))
    with pytest.raises(RuntimeError, match="reads no pickles"):
        torch.load(path)


def test_a_missing_file_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        torch.load(tmp_path / "none.pt")


@pytest.mark.parametrize(
    "line", ["torch.save({}, 'x')", "torch.load('x')", "from torch import save", "torch.serialization"]
)
def test_a_scenarios_program_has_no_files(line: str) -> None:
    from gradb.recording import recording
    from gradb.trace.recorder import Recorder
    from gradb.trace.trace import Header, Trace

    recorder = Recorder(Trace(Header()))
    with recording(recorder), pytest.raises(UserError):
        Program(f"import torch\n{line}\n", "x").run(recorder)


def test_load_tells_a_trace_from_saved_tensors_by_its_content(tmp_path: Path) -> None:
    with torch.record(tmp_path / "run.gradb", title="one") as trace:
        torch.ones(3, requires_grad=True).sum().backward()
    (tmp_path / "run.gradb").rename(tmp_path / "run.pt")
    loaded = torch.load(tmp_path / "run.pt")
    assert (loaded.header.title, len(loaded)) == ("one", len(trace))
