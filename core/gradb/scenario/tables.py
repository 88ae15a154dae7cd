"""Numbers in files beside a scenario: `read_csv(file, ...)` and `read_npz(file, name)` give arrays, or raise UserError.

A file may come from a stranger: it is read as numbers and nothing else, and how much it holds is checked first.
"""

import csv
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from gradb.errors import UserError
from gradb.trace.events import Array

MAX_BYTES = 4 << 20  # of a file, and of an array in it
MAX_VALUES = 1 << 20  # of a table
MAX_INT = 1 << 63
_UNREADABLE = (
    OSError, ValueError, TypeError, EOFError, LookupError, RuntimeError, MemoryError, zipfile.BadZipFile, zlib.error,
    lzma.LZMAError,
)  # fmt: skip
DTYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float32", "float64")


def find(folder: Path | None, name: str) -> Path:
    """The file of that name in the scenario's folder, or in one below it. Raises UserError."""
    if folder is None:
        raise UserError("this scenario is a text without a folder, so there is no file beside it")
    base = folder.resolve()
    try:
        path = (base / name).resolve()
        inside = path.is_relative_to(base) and not Path(name).is_absolute()
        there = inside and path.is_file()
        size = path.stat().st_size if there else 0
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(f"{name!r} cannot be read: {error}") from None
    if not inside:
        raise UserError(
            f"{name!r} leads out of the scenario's folder", allowed="a file in the folder, not a link out of it"
        )
    if not there:
        raise UserError(f"there is no file {name!r} beside the scenario")
    if size > MAX_BYTES:
        raise UserError(f"{name!r} is too large", allowed=f"up to {MAX_BYTES} bytes")
    return path


def read_csv(path: Path, columns: Sequence[str] = (), column: str = "") -> Array:
    """The columns as a matrix, or one column as a vector: int64 where all numbers are whole, else float32.

    Lines that begin with `#` are comments; a first row that holds a text names the columns. Raises UserError.
    """
    rows = list(islice(_rows(path), MAX_VALUES + 2))
    if not rows:
        raise UserError(f"{path.name!r} holds no rows")
    names = [] if all(_is_number(field) for field in rows[0][1]) else rows.pop(0)[1]
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    wanted = [_place(path, places, name) for name in ((column,) if column else columns)]
    width = len(names or rows[0][1]) if rows else 0
    if len(rows) * (len(wanted) or width) > MAX_VALUES:
        raise UserError(f"{path.name!r} holds too many values", allowed=f"up to {MAX_VALUES}")
    table: list[list[str]] = []
    for line, fields in rows:
        if len(fields) != width:
            raise UserError(f"line {line} of {path.name!r} holds {len(fields)} values, the first row {width}")
        table.append([fields[place] for place in wanted] if wanted else fields)
        for field in table[-1]:
            if not _is_number(field):
                raise UserError(f"line {line} of {path.name!r} holds {field[:20]!r}", allowed="numbers")
    if not table:
        raise UserError(f"{path.name!r} holds no rows of numbers")
    array = _numbers(table)
    return np.ascontiguousarray(array[:, 0]) if column else array


def read_npz(path: Path, name: str = "") -> Array:
    """The array of that name, or the only one. Pickled objects are refused. Raises UserError."""
    try:
        with zipfile.ZipFile(path) as archive:
            there = [entry.removesuffix(".npy") for entry in archive.namelist() if entry.endswith(".npy")]
            chosen = name or (there[0] if len(there) == 1 else "")
            if chosen not in there:
                what = f"{path.name!r} holds no array {name!r}" if name else f"{path.name!r} holds {len(there)} arrays"
                raise UserError(what, allowed=f"array: one of {_cut(there)}" if there else "")
            with archive.open(f"{chosen}.npy") as file:
                _check_header(file, path.name)
        with np.load(path, allow_pickle=False) as arrays:
            return np.ascontiguousarray(arrays[chosen])
    except _UNREADABLE as error:
        raise UserError(f"{path.name!r} is not an .npz file that can be read: {error}") from None


def _check_header(file: IO[bytes], name: str) -> None:
    """Raises UserError where an array is too large or no array of numbers, before memory is taken for it."""
    version = npy.read_magic(file)
    read: Any = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.name not in DTYPES or not dtype.isnative:
        raise UserError(f"{name!r} holds {dtype.name}", allowed=", ".join(DTYPES))
    size = dtype.itemsize
    for length in shape:
        size *= length
    if size > MAX_BYTES:
        raise UserError(f"the array in {name!r} is too large", allowed=f"up to {MAX_BYTES} bytes")


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty and no comments, each with its line."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path.name!r} is not UTF-8", fix="save the file as UTF-8") from None
    except OSError as error:
        raise UserError(f"{path.name!r} cannot be read: {error.strerror}") from None
    for line, row in enumerate(io.StringIO(text), 1):
        if row.strip() and not row.startswith("#"):
            try:
                fields = next(csv.reader([row], strict=True))
            except csv.Error as error:
                raise UserError(f"line {line} of {path.name!r} is not CSV: {error}") from None
            yield line, [field.strip() for field in fields]


def _is_number(field: str) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return "_" not in field


def _place(path: Path, places: Mapping[str, int], name: str) -> int:
    if name not in places:
        raise UserError(
            f"{path.name!r} has no column {name!r}",
            allowed=_cut(list(places)[::-1]) or "nothing: its first row names no columns",
        )
    return places[name]


def _cut(names: Sequence[str]) -> str:
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


def _numbers(table: list[list[str]]) -> Array:
    try:
        whole = [[int(field) for field in row] for row in table]
    except ValueError:
        return np.array(table, np.float64).astype(np.float32)
    if any(not -MAX_INT <= number < MAX_INT for row in whole for number in row):
        raise UserError("a whole number is too large", allowed="numbers that fit in int64")
    return np.array(whole, np.int64)
