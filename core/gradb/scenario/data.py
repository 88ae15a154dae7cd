"""The key `data:` of a scenario: `read_data(checker, item, folder)` gives arrays by their names."""

import keyword
import re
from pathlib import Path
from typing import Any

import numpy as np

from gradb.errors import UserError
from gradb.scenario.blocks import is_block
from gradb.scenario.checking import Checker
from gradb.scenario.document import Item
from gradb.scenario.document import Path as Keys
from gradb.scenario.schema import DATA_NAME, FileEntry
from gradb.scenario.tables import find, read_csv, read_npz
from gradb.trace.events import Array

_ALLOWED = "a number, a list of numbers, or {file: x.csv}, {file: x.npz}"
_NAMES = "letters, digits and _, beginning with a letter; no word of Python's own"


def read_data(checker: Checker, item: Item, folder: Path | None) -> dict[str, Array]:
    """The arrays of `data:`. Mistakes go to the checker."""
    arrays: dict[str, Array] = {}
    for name, child in item.children.items():
        if not isinstance(name, str):
            continue
        path: Keys = ("data", name)
        if not re.fullmatch(DATA_NAME, name) or keyword.iskeyword(name):
            line, column = item.keys[name]
            checker.mistake(line, column, path, "this cannot be the name of a variable here", _NAMES)
        array = _from_file(checker, child, path, folder) if child.keys else _inline(checker, child, path)
        if array is not None:
            arrays[name] = array
    return arrays


def _inline(checker: Checker, item: Item, path: Keys) -> Array | None:
    if not is_block(checker, item, path, _ALLOWED):
        return None
    array = np.array(item.value)
    if array.dtype.kind == "f" or not array.size:
        return array.astype(np.float32)
    if array.dtype.kind == "b" or array.dtype == np.int64:
        return array
    checker.mistake(item.line, item.column, path, "a whole number is too large", "numbers that fit in int64")
    return None


def _from_file(checker: Checker, item: Item, path: Keys, folder: Path | None) -> Array | None:
    entry: FileEntry | None = checker.value(item, path, FileEntry)
    if entry is None:
        return None
    suffix = Path(entry.file).suffix.lower()
    wrong = {".csv": ("array",), ".npz": ("column", "columns")}.get(suffix)
    if wrong is None:
        checker.refuse(item.children["file"], (*path, "file"), "the name of a .csv or .npz file")
        return None
    for key in [key for key in wrong if key in item.keys] or (["column"] if entry.column and entry.columns else []):
        line, column = item.keys[key]
        other = f"is not for {suffix} files" if key in wrong else "does not go with 'columns'"
        checker.mistake(line, column, (*path, key), f"this key {other}")
        return None
    try:
        return _read(find(folder, entry.file), entry)
    except UserError as error:
        file = item.children["file"]
        checker.mistake(file.line, file.column, path, error.what, error.allowed, error.fix)
        return None


def _read(file: Path, entry: FileEntry) -> Any:
    if file.suffix.lower() == ".npz":
        return read_npz(file, entry.array)
    return read_csv(file, entry.columns, entry.column)
