"""The event file, read by TensorBoard's own EventAccumulator: scalars, histograms, graph."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported import exported, not_finite, trace_of, trained
from gradb.errors import UserError
from gradb.trace.trace import Header, Trace

EventAccumulator: Any = import_module("tensorboard.backend.event_processing.event_accumulator").EventAccumulator


def _read(folder: Path, trace: Trace, **request: object) -> Any:
    (folder / "run.tfevents").write_bytes(exported(trace, "tensorboard", **request))
    accumulator = EventAccumulator(str(folder), {"scalars": 0, "histograms": 0})
    accumulator.Reload()
    return accumulator


def test_scalars_are_those_of_the_steps(tmp_path: Path) -> None:
    trace = trained()
    found = _read(tmp_path, trace)
    assert [(e.step, e.value) for e in found.Scalars("loss")] == [(s, np.float32(v)) for _, s, v in trace.losses()]
    assert [e.wall_time for e in found.Scalars("loss")] == [trace.step_span(step)[1] for step in (1, 2, 3)]
    assert [e.value for e in found.Scalars("lr")] == [np.float32(0.1)] * 3
    for step in (1, 2, 3):
        end = trace.step_span(step)[1]
        norm = found.Scalars("gradients/norm(w.grad)")[step - 1].value
        assert norm == pytest.approx(np.linalg.norm(trace.tensor("w.grad", at=end)))
        assert found.Scalars("parameters/b")[step - 1].value == trace.tensor("b", at=end)[0]


def test_histograms_count_the_elements_of_parameters_and_gradients(tmp_path: Path) -> None:
    found = _read(tmp_path, trained())
    assert set(found.Tags()["histograms"]) == {"parameters/w", "gradients/w.grad"}
    last = found.Histograms("parameters/w")[-1]
    w = trained().tensor("w")
    value = last.histogram_value
    assert (last.step, value.num, value.min, value.max) == (3, 2, w.min(), w.max())
    assert value.sum == pytest.approx(w.sum(dtype=np.float64))
    assert sum(value.bucket) == 2


def test_the_graph_has_the_ops_and_leaves_with_their_inputs(tmp_path: Path) -> None:
    graph = _read(tmp_path, trained()).Graph()
    inputs = {node.name: list(node.input) for node in graph.node}
    assert inputs["y"][-1] == "b"
    assert "w" in inputs[inputs["y"][0]]
    assert {node.name: node.op for node in graph.node}["y"] == "add"
    assert [d.size for d in next(n for n in graph.node if n.name == "w").attr["_output_shapes"].list.shape[0].dim] == [
        2,
        1,
    ]
    for given in inputs.values():
        assert set(given) <= set(inputs)


def test_the_paths_of_modules_become_scopes_and_names_stay_apart(tmp_path: Path) -> None:
    trace = trace_of(
        "import torch\nm = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))\n"
        "größe = m(torch.ones(1, 2)).sum()\ngröße.backward()\n"
    )
    names = [node.name for node in _read(tmp_path, trace).Graph().node]
    assert {"0/weight", "0/bias", "1/weight", "1/bias"} <= set(names)
    assert len(names) == len(set(names))
    assert all(name.isascii() for name in names)


def test_numbers_that_are_not_finite_are_scalars_and_stay_out_of_histograms(tmp_path: Path) -> None:
    found = _read(tmp_path, not_finite())
    assert np.isnan(found.Scalars("loss")[0].value)
    assert np.isnan(found.Scalars("gradients/norm(w.grad)")[0].value)
    large = trace_of(
        "import torch\nw = torch.tensor([1e308, -1e308, float('inf')], dtype=torch.float64, requires_grad=True)\n"
        "v = torch.tensor([1.0, float('nan')], requires_grad=True)\nw.sum().backward()\nv.sum().backward()\n"
    )
    found = _read(tmp_path, large)
    assert found.Histograms("parameters/v")[0].histogram_value.num == 1
    assert "parameters/w" not in found.Tags()["histograms"]


def test_a_part_of_a_run_has_its_steps_and_tensors_alone(tmp_path: Path) -> None:
    found = _read(tmp_path, trained(), steps="2-3", tensors=("w.grad",))
    assert [e.step for e in found.Scalars("loss")] == [2, 3]
    assert found.Tags()["histograms"] == ["gradients/w.grad"]
    assert found.Tags()["graph"]


def test_a_run_without_events_is_a_file_without_values(tmp_path: Path) -> None:
    assert _read(tmp_path, Trace(Header())).Tags()["scalars"] == []


def test_without_the_package_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "tensorboard"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(UserError) as caught:
        exported(trained(), "tensorboard")
    assert caught.value.fix == "pip install 'gradb[export]'"
