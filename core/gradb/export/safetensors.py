"""Hugging Face's .safetensors file of the values, with the keys of the .npz archive.

The format is a header in JSON and the arrays behind it (https://github.com/huggingface/safetensors#format). It is
written here and not by its library, which wants all arrays in memory at once: the arrays wait in temporary files.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple

from gradb.errors import UserError
from gradb.export.npz import keyed
from gradb.export.selection import Selection
from gradb.trace.trace import Trace

_NAMES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8",
    "uint8": "U8", "bool": "BOOL",
}  # fmt: skip
_ITEM_SIZES = (8, 4, 2, 1)  # the larger ones first, so that every array is aligned
_LONGEST_HEADER = 100_000_000  # bytes: readers refuse a longer one
_IN_MEMORY = 16 << 20  # bytes
_PIECE = 1 << 20  # bytes


class _Entry(NamedTuple):
    """Where an array lies: in the file of its item size, from byte `begin` to `end`."""

    key: str
    dtype: str
    shape: tuple[int, ...]
    itemsize: int
    begin: int
    end: int


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The file piece by piece. Raises UserError where there are more arrays than the format's header can name."""
    with ExitStack() as stack:
        files: dict[int, Any] = {size: stack.enter_context(SpooledTemporaryFile(_IN_MEMORY)) for size in _ITEM_SIZES}
        found: list[_Entry] = []
        for key, array in keyed(trace, selection):
            file = files[array.itemsize]
            begin = file.tell()
            file.write(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
            found.append(_Entry(key, array.dtype.name, array.shape, array.itemsize, begin, file.tell()))
        yield _header(trace, found, files)
        for file in files.values():
            file.seek(0)
            while piece := file.read(_PIECE):
                yield piece


def _header(trace: Trace, found: list[_Entry], files: dict[int, Any]) -> bytes:
    """The length of the JSON, in eight bytes, and the JSON, with blanks up to a multiple of eight."""
    starts: dict[int, int] = {}
    total = 0
    for size in _ITEM_SIZES:
        starts[size] = total
        total += files[size].tell()
    header: dict[str, Any] = {"__metadata__": {"title": trace.header.title, "gradb": trace.header.version}}
    for entry in found:
        start = starts[entry.itemsize]
        offsets = [start + entry.begin, start + entry.end]
        header[entry.key] = {"dtype": _NAMES[entry.dtype], "shape": entry.shape, "data_offsets": offsets}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > _LONGEST_HEADER:
        raise UserError(
            f"safetensors cannot hold the {len(found):,} values of these events",
            fix="export fewer steps or tensors, or npz",
        )
    return len(text).to_bytes(8, "little") + text
