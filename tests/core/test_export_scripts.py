"""What a script asks of a trace: exports, records and tensors by name."""

import json
from pathlib import Path

import gradb as torch
import numpy as np
import pytest
from exported import exported, trained
from gradb.errors import UserError
from gradb.trace.file.dumping import save_trace
from gradb.trace.trace import Header, Trace


def test_a_trace_writes_itself_in_a_format(tmp_path: Path) -> None:
    target = tmp_path / "run.csv"
    assert trained().export("csv", target) == target.stat().st_size
    assert target.read_bytes() == exported(trained(), "csv")


def test_a_part_of_a_trace_is_named_by_texts_or_numbers(tmp_path: Path) -> None:
    target = tmp_path / "run"
    trained().export("jsonl", target, steps=2, tensors="w.grad")
    assert target.read_bytes() == exported(trained(), "jsonl", steps="2", tensors=("w.grad",))
    trained().export("jsonl", str(target), first=3, last="step2/forward", tensors=["w", "b"])
    assert target.read_bytes() == exported(trained(), "jsonl", first="3", last="step2/forward", tensors=("w", "b"))
    trained().export("npz", target, at=5)
    assert target.read_bytes() == exported(trained(), "npz", at="#5")


def test_what_cannot_be_exported_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "run.csv"
    target.write_text("old")
    for format_, steps in (("xml", ""), ("csv", "9")):
        with pytest.raises(UserError):
            trained().export(format_, target, steps=steps)
    assert target.read_text() == "old"
    with pytest.raises(UserError, match="cannot be written"):
        trained().export("csv", tmp_path / "no" / "folder")


def test_a_trace_file_is_not_replaced_by_an_export(tmp_path: Path) -> None:
    target = tmp_path / "run.gradb"
    save_trace(trained(), target)
    before = target.read_bytes()
    with pytest.raises(UserError, match="replaces no trace"):
        trained().export("csv", target)
    assert target.read_bytes() == before


def test_records_are_the_lines_of_jsonl() -> None:
    lines = [json.loads(line) for line in exported(trained(), "jsonl").splitlines()]
    records = trained().to_records()
    assert next(iter(records))["kind"] == "tensor_created"
    assert list(trained().to_records()) == lines[1:]


def test_a_tensor_is_what_its_variable_held_at_a_moment_and_cannot_be_written_to() -> None:
    trace = trained()
    first, last = trace.tensor("w", at="step1/backward"), trace.tensor("w")
    assert not np.array_equal(first, last)
    assert np.array_equal(trace.tensor("w", at=len(trace)), last)
    assert trace.tensor("w.grad", at="step2/update").shape == (2, 1)
    with pytest.raises(ValueError, match="read-only"):
        last[0] = 5.0
    cursor = trace.timeline()
    cursor.end()
    value = cursor.value("w")
    assert value is not None
    assert np.array_equal(value, last)


@pytest.mark.parametrize(
    ("name", "at", "message"),
    [
        ("v", "end", "the run has no tensor 'v'\n  allowed: x, w, b, y, loss"),
        ("w.gradient", "end", "the run has no tensor 'w.gradient'"),
        ("w.grad", "step1", "step1/forward/1: w.grad holds nothing there"),
        ("loss", "step1", "step1/forward/1: loss holds nothing there"),
        ("w", "step9", "address 'step9': the run has the steps 1 to 3"),
        ("w", 0, "address '0': the run has the events"),
    ],
)
def test_a_tensor_that_is_not_there_is_told(name: str, at: int | str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        trained().tensor(name, at=at)
    assert str(caught.value).startswith(message)


def test_an_empty_trace_has_no_tensors_and_no_records() -> None:
    assert list(Trace(Header()).to_records()) == []
    with pytest.raises(UserError, match="the run has no events"):
        Trace(Header()).tensor("w")


def test_a_recorded_block_knows_its_tensors_before_their_variables_were_named() -> None:
    with torch.record() as trace:
        w = torch.ones(2, requires_grad=True)
        (w * 3).sum().backward()
    assert trace.tensor("w", at="#1").tolist() == [1, 1]
    assert trace.tensor("w.grad").tolist() == [3, 3]
