"""numpy's .npz archive of the values: `w@step3/update/2` by tensor and address, or `w` at one moment."""

import zipfile
from collections.abc import Iterator
from io import BytesIO, UnsupportedOperation

import numpy as np

from gradb.debug.cleaning import clean
from gradb.export.selection import Selection
from gradb.export.selection_values import changes, held
from gradb.trace.events import Array
from gradb.trace.trace import Trace

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can hold: equal traces give equal bytes


class _Pipe(BytesIO):
    """A file that cannot be rewound, and is emptied by `take`."""

    def tell(self) -> int:
        raise UnsupportedOperation

    def take(self) -> bytes:
        """What was written since."""
        taken = self.getvalue()
        self.seek(0)
        self.truncate(0)
        return taken


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The archive piece by piece, an array each."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for key, array in keyed(trace, selection):
            entry = zipfile.ZipInfo(f"{key}.npy", _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED if array.nbytes > 1024 else zipfile.ZIP_STORED
            with archive.open(entry, "w", force_zip64=array.nbytes > zipfile.ZIP64_LIMIT // 2) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
            yield pipe.take()
    yield pipe.take()


def keyed(trace: Trace, selection: Selection) -> Iterator[tuple[str, Array]]:
    """The arrays of a selection by their keys in a file: of a moment the names alone, else name and address."""
    if selection.at_moment:
        for value in held(trace, selection.tensors, selection.at):
            yield clean(value.name), value.array
    else:
        for value in changes(trace, selection):
            yield f"{clean(value.name)}@{trace.address(value.written)}", value.array
