"""The values as .npz and .safetensors, read back by numpy and by safetensors: what the trace holds, bit for bit."""

import io
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from exported import TRAINING, exported, not_finite, trace_of, trained
from gradb.errors import UserError
from gradb.export import safetensors as safetensors_export
from gradb.trace.events import Array
from gradb.trace.trace import Header, Trace
from safetensors.numpy import load

Values = Mapping[str, Array]


def _npz(trace: Trace, **request: object) -> Values:
    with np.load(io.BytesIO(exported(trace, "npz", **request)), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _safetensors(trace: Trace, **request: object) -> Values:
    return load(exported(trace, "safetensors", **request))


READERS = pytest.mark.parametrize("read", [_npz, _safetensors])
Read = Callable[..., Values]


@READERS
def test_every_value_of_a_run_is_found_by_its_name_and_the_address_of_its_write(read: Read) -> None:
    trace = trained()
    found = read(trace)
    for key, array in found.items():
        name, _, address = key.partition("@")
        expected = trace.tensor(name, at=address)
        assert array.dtype == expected.dtype
        assert array.shape == expected.shape
        assert array.tobytes() == expected.tobytes(), key
    assert sum(key.startswith("w@") for key in found) == 4  # as it was made, and after three updates
    assert sum(key.startswith("w.grad@") for key in found) == 3
    assert sum(key.startswith("loss@") for key in found) == 3


@READERS
def test_a_moment_has_each_variable_by_its_name(read: Read) -> None:
    found = read(trained(), at="step2/backward")
    assert set(found) == {"x", "w", "b", "y", "loss"}
    assert set(read(trained(), at="end")) == {"x", "w", "w.grad", "b", "b.grad", "y", "loss"}
    for name, array in found.items():
        assert np.array_equal(array, trained().tensor(name, at="step2/backward"))


@READERS
def test_a_range_begins_with_what_the_tensors_held_then(read: Read) -> None:
    found = read(trained(), steps="3", tensors=("w",))
    steps = sorted(key.partition("@")[2].partition("/")[0] for key in found if key.startswith("w@"))
    assert steps == ["step2", "step3"]
    assert {key.partition("@")[0] for key in found} == {"w", "w.grad"}


@READERS
def test_numbers_that_are_not_finite_stay_what_they_are(read: Read) -> None:
    found = read(not_finite(), at="end")
    assert np.array_equal(found["w.grad"], not_finite().tensor("w.grad"), equal_nan=True)
    assert np.isnan(found["one"])
    assert np.isinf(found["w"][2]) or np.isnan(found["w"][2])


@READERS
def test_every_dtype_and_shape_is_kept(read: Read) -> None:
    names = ["float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool"]
    lines = [f"{name}_ = torch.ones(3, 2).to(torch.{name})" for name in names]
    trace = trace_of("\n".join(["import torch", *lines, "scalar = torch.tensor(2.5)", "none = torch.zeros(0, 3)",
                                "turned = torch.arange(6).reshape(2, 3).T"]) + "\n")  # fmt: skip
    found = read(trace, at="end")
    assert {name: found[f"{name}_"].dtype.name for name in names} == dict(zip(names, names, strict=True))
    assert (found["scalar"].shape, found["none"].shape, found["turned"].shape) == ((), (0, 3), (3, 2))
    assert found["turned"].tolist() == [[0, 3], [1, 4], [2, 5]]


@READERS
def test_a_gradient_that_is_written_in_place_is_a_further_value(read: Read) -> None:
    trace = trace_of(
        "import torch\nw = torch.ones(2, requires_grad=True)\n(w * 3).sum().backward()\nw.grad.mul_(2)\n"
        "torch.nn.utils.clip_grad_value_([w], 1.0)\n"
    )
    for request in ({}, {"tensors": ("w.grad",)}):
        found = read(trace, **request)
        keys = sorted(
            (key for key in found if key.startswith("w.grad@")), key=lambda k: trace.locate(k.partition("@")[2])
        )
        assert [found[key].tolist() for key in keys] == [[3, 3], [6, 6], [1, 1]]


@READERS
def test_two_variables_of_one_tensor_are_exported_once_and_each_under_the_name_that_is_asked_for(read: Read) -> None:
    trace = trace_of("import torch\na = torch.ones(2)\nb = a\na = torch.zeros(2)\n")
    assert {name: array.tolist() for name, array in read(trace, at="end").items()} == {"a": [0, 0], "b": [1, 1]}
    assert set(read(trace, at="#1")) == {"a"}
    assert set(read(trace, tensors=("b",))) == {"b@step1/forward/1"}


@READERS
def test_a_run_without_tensors_gives_an_archive_without_arrays(read: Read) -> None:
    assert read(Trace(Header())) == {}
    assert read(trace_of("print(1)\n")) == {}


def test_arrays_of_every_item_size_are_aligned_for_torch() -> None:
    pytest.importorskip("torch")
    from safetensors.torch import load as load_for_torch

    trace = trace_of(
        "import torch\nk = torch.ones(3, dtype=torch.int8)\nd = torch.ones(2).double()\nf = torch.ones(1)\n"
    )
    data = exported(trace, "safetensors", at="end")
    assert {name: tensor.tolist() for name, tensor in load_for_torch(data).items()} == {
        "k": [1] * 3,
        "d": [1] * 2,
        "f": [1],
    }
    assert int.from_bytes(data[:8], "little") % 8 == 0


def test_more_values_than_a_header_may_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safetensors_export, "_LONGEST_HEADER", 200)
    with pytest.raises(UserError, match="safetensors cannot hold the"):
        exported(trained(), "safetensors")


def test_two_recordings_of_one_program_give_the_same_bytes() -> None:
    for format_ in ("npz", "safetensors"):
        assert exported(trace_of(TRAINING), format_) == exported(trace_of(TRAINING), format_)
