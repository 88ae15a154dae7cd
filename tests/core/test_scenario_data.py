"""The key `data:`: arrays that stand in a scenario or in a file beside it, as tensors of the program."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gradb.errors import UserError
from gradb.scenario import tables
from gradb.scenario.loader import load, parse
from gradb.scenario.runner import run
from gradb.trace.events import TensorCreated

TABLE = "# flowers\nlength, width, kind\n1.5,2,0\n\n3,4.25,1\n"


def _scenario(folder: Path, data: str, program: str = "x = 1") -> Path:
    file = folder / "s.yaml"
    file.write_text(f"title: T\ndata:\n  d: {data}\nprogram: |\n  {program}\n")
    return file


def _array(folder: Path, data: str) -> Any:
    return load(_scenario(folder, data)).data["d"]


def _refusal(folder: Path, data: str) -> str:
    with pytest.raises(UserError) as caught:
        load(_scenario(folder, data))
    return str(caught.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("text", "dtype", "value"),
    [
        ("[1, 2]", "int64", [1, 2]),
        ("[[1, 2.5]]", "float32", [[1, 2.5]]),
        ("[true, false]", "bool", [True, False]),
        ("3", "int64", 3),
        ("[]", "float32", []),
        ("[.nan, .inf]", "float32", [np.nan, np.inf]),
    ],
)
def test_numbers_in_the_file_have_the_dtype_that_torch_gives_them(
    tmp_path: Path, text: str, dtype: str, value: Any
) -> None:
    array = _array(tmp_path, text)
    assert array.dtype.name == dtype
    np.testing.assert_array_equal(array, value)


def test_the_program_begins_with_the_tensors_and_the_trace_knows_them() -> None:
    trace = run(parse("title: T\ndata: {x: [1.0, 2.0], k: 2}\nprogram: |\n  y = x * k\n  print(y)\n", "s.yaml"))
    first, second = trace.events[:2]
    assert isinstance(first, TensorCreated)
    assert isinstance(second, TensorCreated)
    assert (first.origin, second.origin, first.line) == ("data", "data", 1)
    assert [trace.name(event.tensor.id) for event in (first, second)] == ["x", "k"]
    assert not first.tensor.requires_grad
    y = trace.lookup("y", len(trace))
    assert y is not None
    np.testing.assert_array_equal(trace.value(y, len(trace)), [2, 4])


def test_a_program_that_writes_into_its_data_finds_it_whole_in_the_next_run() -> None:
    scenario = parse("title: T\ndata: {x: [1.0, 2.0]}\nprogram: |\n  x += 1\n", "s.yaml")
    run(scenario)
    run(scenario)
    np.testing.assert_array_equal(scenario.data["x"], [1, 2])


def test_a_csv_file_gives_all_columns_some_or_one(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    np.testing.assert_array_equal(_array(tmp_path, "{file: t.csv}"), [[1.5, 2, 0], [3, 4.25, 1]])
    np.testing.assert_array_equal(_array(tmp_path, "{file: t.csv, columns: [width, length]}"), [[2, 1.5], [4.25, 3]])
    kind = _array(tmp_path, "{file: t.csv, column: kind}")
    assert (kind.dtype.name, kind.tolist()) == ("int64", [0, 1])


def test_an_npz_file_gives_its_only_array_or_one_by_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", a=np.eye(2))
    np.savez(tmp_path / "two.npz", a=np.eye(2), b=np.arange(3))
    np.testing.assert_array_equal(_array(tmp_path, "{file: one.npz}"), np.eye(2))
    np.testing.assert_array_equal(_array(tmp_path, "{file: two.npz, array: b}"), [0, 1, 2])
    assert "'two.npz' holds 2 arrays\n  allowed: array: one of a, b" in _refusal(tmp_path, "{file: two.npz}")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{file: no.csv}", "s.yaml:3:13: data.d: there is no file 'no.csv' beside the scenario"),
        ("{file: ../t.csv}", "leads out of the scenario's folder"),
        ("{file: /etc/passwd.csv}", "leads out of the scenario's folder"),
        ("{file: link.csv}", "leads out of the scenario's folder"),
        ("{file: loop.csv}", "'loop.csv'"),
        ("{file: folder.csv}", "there is no file 'folder.csv'"),
        ("{file: t.txt}", "allowed: the name of a .csv or .npz file"),
        ('{file: "a\\0.csv"}', "cannot be read"),
        ("{file: t.csv, column: weight}", "'t.csv' has no column 'weight'\n  allowed: length, width, kind"),
        ("{file: t.csv, array: a}", "data.d.array: this key is not for .csv files"),
        ("{file: t.csv, column: kind, columns: [kind]}", "data.d.column: this key does not go with 'columns'"),
        ("{file: t.csv, rows: 3}", "data.d.rows: there is no such key"),
        ("{file: text.csv}", "line 2 of 'text.csv' holds '__import__(1)'\n  allowed: numbers"),
        ("{file: uneven.csv}", "line 2 of 'uneven.csv' holds 3 values, the first row 2"),
        ("{file: empty.csv}", "'empty.csv' holds no rows"),
        ("{file: whole.csv}", "a whole number is too large"),
        ("{file: latin.csv}", "'latin.csv' is not UTF-8"),
        ("{file: no.npz}", "'no.npz' is not an .npz file that can be read"),
        ("{file: pickled.npz}", "'pickled.npz' holds object"),
        ("{file: lying.npz}", "the array in 'lying.npz' is too large"),
        ("{file: large.csv}", "'large.csv' is too large"),
        ("[[1], [2, 3]]", "this row has the shape [2], the first one [1]"),
        ("[a]", "data.d[0]: found the text 'a'"),
        ("{1: 2}", "1"),
    ],
)
def test_what_is_wrong_with_data_is_told(
    tmp_path: Path, data: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "t.csv").write_text("x\n1\n")
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "t.csv").write_text(TABLE)
    (folder / "link.csv").symlink_to(tmp_path / "t.csv")
    (folder / "loop.csv").symlink_to(folder / "loop.csv")
    (folder / "folder.csv").mkdir()
    (folder / "text.csv").write_text("1\n__import__(1)\n")
    (folder / "uneven.csv").write_text("1,2\n1,2,3\n")
    (folder / "empty.csv").write_text("# nothing\n")
    (folder / "whole.csv").write_text("99999999999999999999\n")
    (folder / "latin.csv").write_bytes(b"gr\xf6\xdfe\n1\n")
    (folder / "no.npz").write_bytes(b"PK no archive")
    np.savez(folder / "pickled.npz", a=np.array([{}], object))
    _write_lying_archive(folder / "lying.npz")
    (folder / "large.csv").write_text("1\n" * 3000)
    monkeypatch.setattr(tables, "MAX_BYTES", 4096)
    assert message in _refusal(folder, data)


def _write_lying_archive(path: Path) -> None:
    """An array that claims to be huge, in an archive that holds nothing of it."""
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,), }"
    header += b" " * (117 - len(header)) + b"\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)


@pytest.mark.parametrize("name", ["2x", "__x", "a-b", "for", "é"])
def test_a_name_that_is_no_variable_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="cannot be the name of a variable"):
        parse(f'title: T\ndata: {{"{name}": 1}}\nprogram: x = 1\n', "s.yaml")


def test_a_scenario_without_a_folder_has_no_file_beside_it() -> None:
    with pytest.raises(UserError, match="without a folder"):
        parse("title: T\ndata: {d: {file: t.csv}}\nprogram: x = 1\n", "<text>")


def test_data_is_a_mapping() -> None:
    with pytest.raises(UserError, match="allowed: a mapping of names to lists of numbers"):
        parse("title: T\ndata: [1]\nprogram: x = 1\n", "s.yaml")
