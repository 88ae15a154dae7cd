"""Arrays as bytes: small ones inside an event (`packed_array`), large ones as rows, once per content (`ArrayStore`)."""

import math
import re
import zlib
from collections.abc import Collection, Sequence
from functools import lru_cache
from hashlib import blake2b
from struct import calcsize, pack, unpack_from

import numpy as np

from gradb.trace.events import Array

RAW, ZLIB, THINNED = "raw", "zlib", "thinned"
Row = tuple[int, str, str, str, bytes, int]  # id, dtype, shape, coding, data, and the event that used it last

REMEMBERED = 1 << 16  # contents that are recognised when they come again
_WORTH = 512  # bytes from which compression is tried
_SAMPLE = 4096  # bytes that say whether an array can be compressed
_PAYS = 0.8  # of its size, to which it must come down
_DIMENSIONS = 64  # that numpy can have
_MOST_ELEMENTS = 1 << 28  # of an array, as a program may have them: as float64 they take 2 GiB
MOST_BYTES = 1_000_000_000  # of the arrays of one event: what SQLite can hold in one row
_NUMBERS = re.compile(r"[<|][biufc]\d\d?")  # dtypes of arrays of numbers and truth values; no objects, no records


def little(array: Array) -> Array:
    """The array with its bytes in the file's order."""
    return array if array.dtype.str[0] != ">" else array.astype(array.dtype.newbyteorder("<"))


@lru_cache(1024)
def _head(dtype: str, shape: tuple[int, ...]) -> bytes:
    name = dtype.encode()
    return pack(f"<BB{len(name)}s{len(shape)}Q", len(name), len(shape), name, *shape)


def packed_array(array: Array) -> bytes:
    """Lengths of dtype and shape, dtype, shape, then the raw elements, little-endian."""
    array = little(array)
    return _head(array.dtype.str, array.shape) + array.tobytes()


def unpacked_array(data: bytes) -> Array:
    """The array of `packed_array`; it cannot be written to. Raises ValueError for bytes that are none."""
    letters, dims = data[0], data[1]
    layout = f"<BB{letters}s{dims}Q"
    _, _, name, *shape = unpack_from(layout, data)
    return _array(name.decode(), shape, data[calcsize(layout) :])


class ArrayStore:
    """Gives each content an id; rows of contents that are new gather in `rows`.

    Of the contents, the last 65536 are remembered: one that comes again after more others is stored again.
    """

    def __init__(self, last: int = 0) -> None:
        self.rows: list[Row] = []
        self._last = last
        self._ids: dict[bytes, int] = {}

    def forget(self, ids: Collection[int]) -> None:
        """These contents are not in the file any more."""
        self._ids = {digest: stored for digest, stored in self._ids.items() if stored not in ids}

    def store(self, array: Array, event: int) -> int:
        """The id of an array's content, which an event uses."""
        array = little(array)
        data = array.tobytes()
        head = _head(array.dtype.str, array.shape)
        digest = blake2b(data, digest_size=16, key=head[:64]).digest() if len(head) <= 64 else head + data
        known = self._ids.pop(digest, 0)
        if not known:
            self._last = known = self._last + 1
            if len(self._ids) >= REMEMBERED:
                del self._ids[next(iter(self._ids))]
            self.rows.append((known, array.dtype.str, _shape(array), *_coded(data), event))
        self._ids[digest] = known
        return known


def coded(array: Array) -> tuple[str, str, str, bytes]:
    """Dtype, shape, coding and data of an array, for `decoded`."""
    array = little(array)
    return array.dtype.str, _shape(array), *_coded(array.tobytes())


def _shape(array: Array) -> str:
    return ",".join(map(str, array.shape))


def _coded(data: bytes) -> tuple[str, bytes]:
    if len(data) < _WORTH or len(zlib.compress(data[:_SAMPLE], 1)) > _PAYS * min(len(data), _SAMPLE):
        return RAW, data
    small = zlib.compress(data, 1)
    return (ZLIB, small) if len(small) <= _PAYS * len(data) else (RAW, data)


def decoded(dtype: str, shape: str, coding: str, data: bytes, room: int = MOST_BYTES) -> Array:
    """The array of a row; it cannot be written to.

    Raises ValueError or zlib.error for a row that is none, and for an array of more than `room` bytes.
    """
    sizes = [int(size) for size in shape.split(",") if size]
    if coding == ZLIB:
        wanted = _bytes_of(dtype, sizes, room)
        data = zlib.decompressobj().decompress(data, wanted + 1)  # and no more, whatever is in it
    return _array(dtype, sizes, data, room)


def shape_of(dtype: str, shape: str, room: int) -> tuple[int, ...]:
    """The shape of a row whose data were not kept. Raises ValueError as `decoded` does."""
    sizes = tuple([int(size) for size in shape.split(",") if size])
    _bytes_of(dtype, sizes, room)
    return sizes


def _array(dtype: str, shape: Sequence[int], data: bytes, room: int = MOST_BYTES) -> Array:
    if len(data) != _bytes_of(dtype, shape, room):
        raise ValueError(f"{len(data)} bytes are no array of {dtype} of the shape {tuple(shape)}")
    return np.frombuffer(data, dtype).reshape(shape)


def _bytes_of(dtype: str, shape: Sequence[int], room: int) -> int:
    """How many bytes an array takes. Raises ValueError for one that cannot be in a file."""
    if not _NUMBERS.fullmatch(dtype):
        raise ValueError(f"there are no arrays of the type {dtype[:60]!r} in a trace")
    size = np.dtype(dtype).itemsize
    count = math.prod([n or 1 for n in shape])
    if len(shape) > _DIMENSIONS or min(shape, default=0) < 0 or count > _MOST_ELEMENTS or count * size > room:
        raise ValueError(f"an array of the shape {tuple(shape[:_DIMENSIONS])} is too large")
    return math.prod(shape) * size
