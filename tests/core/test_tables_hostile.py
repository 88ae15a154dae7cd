"""Files beside a scenario that mean harm: each is refused as a mistake of the user's, soon, and none leads out."""

import os
import zipfile
from pathlib import Path

import pytest
from gradb.errors import UserError
from gradb.scenario.tables import MAX_VALUES, find, read_csv, read_npz

HEADER = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s,), }\n"


def npz(folder: Path, header: str, data: bytes, compression: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "a.npz"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data)
    return path


@pytest.mark.parametrize(
    "shape", ["-1", "-1,-1", "-" * 8000 + "1", "True", "1" + "0" * 400, "10000000", "not 1", "2", "0," * 100]
)
def test_a_header_that_lies_is_refused(shape: str, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        read_npz(npz(tmp_path, HEADER % shape, b"four"))


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_damaged_archive_is_refused(compression: int, tmp_path: Path) -> None:
    path = npz(tmp_path, HEADER % "10000", os.urandom(40_000), compression)
    damaged = bytearray(path.read_bytes())
    damaged[200:30_000:7] = b"x" * len(damaged[200:30_000:7])
    path.write_bytes(damaged)
    with pytest.raises(UserError):
        read_npz(path)


def test_a_column_asked_for_many_times_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n" + "1\n" * 2000)
    with pytest.raises(UserError, match="too many values"):
        read_csv(path, ["a"] * (MAX_VALUES // 1000))


@pytest.mark.parametrize("name", ["../secret.csv", "link.csv", "/etc/passwd", "", ".", "a\0b", "a" * 5000, "~/x.csv"])
def test_no_name_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("1\n")
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(UserError):
        find(folder, name)
