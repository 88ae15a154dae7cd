"""`gradb export`: formats, ranges and files, as they are asked for on the command line."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import Gradb
from gradb.export.formats import FORMATS
from gradb.scenario.runner import run


@pytest.fixture
def gradb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gradb:
    return Gradb(tmp_path, monkeypatch, capfd)


def test_help_lists_every_format_with_what_it_is(gradb: Gradb) -> None:
    lines = gradb("export", "--help").out.splitlines()
    for format_ in FORMATS.values():
        assert any(line.split() == [format_.name, *format_.about.split()] for line in lines), format_.name


def test_every_format_writes_a_file(gradb: Gradb) -> None:
    for format_ in FORMATS.values():
        name = f"leaf{format_.suffixes[0]}"
        result = gradb("export", "leaf", "--format", format_.name, "-o", name)
        assert (result.code, result.out) == (0, ""), result.err
        assert result.err.splitlines()[-1].endswith(
            f"written to {name} ({(gradb.folder / name).stat().st_size:,} bytes)"
        )


def test_the_name_of_the_file_says_the_format(gradb: Gradb) -> None:
    assert gradb("export", "leaf", "-o", "run.csv").code == 0
    assert (gradb.folder / "run.csv").read_text().startswith("step,loss,")
    result = gradb("export", "leaf", "-o", "run.xyz")
    assert (result.code, result.out) == (2, "")
    assert "run.xyz: the name of the file does not say in which format it is to be" in result.err
    assert gradb("export", "leaf", "-o", "run.xyz", "-f", "csv").code == 0
    assert (gradb.folder / "run.xyz").read_bytes() == (gradb.folder / "run.csv").read_bytes()


def test_a_range_of_steps_and_tensors_is_exported_alone(gradb: Gradb) -> None:
    rows = list(csv.DictReader(io.StringIO(gradb("export", "regression", "-f", "csv", "--steps", "2-4").out)))
    assert [row["step"] for row in rows] == ["2", "3", "4"]
    result = gradb("export", "regression", "--from", "step2/backward", "--to", "step2", "--tensors", "w, b.grad")
    header, *lines = [json.loads(line) for line in result.out.splitlines()]
    assert header["events"] > len(lines)
    assert {line["step"] for line in lines} == {2}
    assert [line["tensor"]["name"] for line in lines if line["kind"] == "accumulate"] == ["b", "w"]


def test_a_moment_is_exported_with_its_address(gradb: Gradb) -> None:
    result = gradb(
        "export", "regression", "--at", "step3/update", "--tensors", "w", "--tensors", "b", "-o", "values.npz"
    )
    assert result.err.startswith("gradb: step3/update/1 written to values.npz (")
    with np.load(gradb.folder / "values.npz") as values:
        assert set(values.files) == {"w", "w.grad", "b", "b.grad"}
        assert np.array_equal(values["w"], run("regression").tensor("w", at="step3/update/1"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--from", "step9"), "gradb: address 'step9': the run has the steps 1 to"),
        (("--tensors", "nothing"), "gradb: the run has no tensor 'nothing'\n  allowed: x, "),
        (("--steps", "many"), "gradb: steps 'many': these are no steps\n  allowed: 3, 2-5, 2- or -5\n"),
        (("--at", "end"), "gradb: this format tells of a range of events, and `at` is one moment\n"),
        (("--at", "end", "-f", "csv", "--steps", "1"), "gradb: this format tells of a range of events"),
    ],
)
def test_what_the_run_does_not_have_ends_with_2_and_leaves_the_file(
    gradb: Gradb, words: tuple[str, ...], message: str
) -> None:
    gradb.write("old.jsonl", "old")
    result = gradb("export", "leaf", "-o", "old.jsonl", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(message)
    assert (gradb.folder / "old.jsonl").read_text() == "old"
    assert [file.name for file in gradb.folder.iterdir()] == ["old.jsonl"]


def test_the_source_is_not_replaced_by_its_own_export(gradb: Gradb) -> None:
    program = "import torch\nw = torch.ones(1, requires_grad=True)\n(w * 2).backward()\n"
    gradb.write("fit.py", program)
    for words in (("-o", "fit.py"), ("-o", "./fit.py", "-f", "csv")):
        result = gradb("export", "fit.py", *words)
        assert result.code == 2
        assert "an export replaces no trace, nor the file that its run comes from" in result.err
    assert (gradb.folder / "fit.py").read_text() == program


def test_a_binary_format_is_not_written_to_a_terminal(gradb: Gradb) -> None:
    command = [sys.executable, "-c", "from gradb_tui.cli import main; main()", "export", "leaf", "-f", "npz"]
    main, sub = pty.openpty()
    try:
        done = subprocess.run(command, stdout=sub, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(sub)
        os.close(main)
    assert done.returncode == 2
    assert b"npz is not text" in done.stderr
    assert b"-o FILE" in done.stderr


def test_a_binary_format_goes_to_a_pipe(gradb: Gradb) -> None:
    command = [
        sys.executable,
        "-c",
        "from gradb_tui.cli import main; main()",
        "export",
        "leaf",
        "-f",
        "npz",
        "--at",
        "end",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    with np.load(io.BytesIO(done.stdout)) as values:
        assert "x" in values.files


def test_of_a_run_that_did_not_come_to_its_end_what_there_is_is_exported_and_the_rest_is_an_error(gradb: Gradb) -> None:
    assert gradb("replay", "-q", "regression", "--save", "r.gradb", "--max-events", "500").code == 2
    result = gradb("export", "r.gradb", "-o", "r.csv")
    assert result.code == 2
    assert "events written to r.csv" in result.err
    assert "the recording ended early" in result.err
    assert len(Path("r.csv").read_text().splitlines()) > 20
