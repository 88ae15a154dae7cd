"""`save(model.state_dict(), "model.pt")` and `load("model.pt")` for scripts: tensors and plain containers in a file.

The file is a numpy .npz archive: the arrays, and a text in JSON that says how they hang together. Nothing in it is
ever run, as a pickle would be. Programs of scenarios do not have these functions.
"""

import json
import zipfile
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from gradb.autograd.tensor import Parameter, Tensor
from gradb.ops.dtypes import NAMES, Size, dtype
from gradb.trace.events import Array
from gradb.trace.file.database import is_trace_file
from gradb.trace.file.trace import open_trace

File = str | PathLike[str] | BinaryIO

_STRUCTURE = "gradb_structure"
_NOT_OURS = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, EOFError, RecursionError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
_PLAIN = (bool, int, float, str, type(None))
_MAPPINGS: dict[str, type[Any]] = {"dict": dict, "OrderedDict": OrderedDict, "Counter": Counter}
_SEQUENCES: dict[str, Callable[[Any], Any]] = {"list": list, "tuple": tuple, "set": set, "Size": Size}


def save(obj: Any, f: File, **options: Any) -> None:
    """Writes tensors, numbers, texts, dtypes, and dicts, lists, tuples and sets of them to a path or binary file.

    A tensor keeps its dtype and requires_grad, not its grad_fn. Raises TypeError, naming the place, for anything else.
    """
    arrays: dict[str, Array] = {}
    try:
        structure = json.dumps(_described(obj, "the object", arrays))
    except RecursionError:
        raise ValueError("what is saved must not contain itself") from None
    content: dict[str, Any] = {_STRUCTURE: np.array(structure), **arrays}
    if isinstance(f, str | PathLike):
        with Path(f).open("wb") as file:
            np.savez(file, **content)
    else:
        np.savez(f, **content)


def load(f: File, map_location: Any = None, *, weights_only: bool | None = None, **options: Any) -> Any:
    """What `save` wrote, or the Trace in a .gradb file.

    Raises FileNotFoundError, RuntimeError for a file that is not one of gradb's, and UserError for a trace that cannot
    be read.

    `map_location` and `weights_only` are accepted: everything is on the CPU, and there is nothing but weights.
    """
    if isinstance(f, str | PathLike):
        if is_trace_file(Path(f)):
            return open_trace(f)
        with Path(f).open("rb") as file:
            return _read(file, str(f))
    return _read(f, str(getattr(f, "name", "the file")))


def _read(file: BinaryIO, name: str) -> Any:
    try:
        with np.load(file, allow_pickle=False) as archive:
            arrays: dict[str, Array] = {key: archive[key] for key in archive.files}
        return _rebuilt(json.loads(str(arrays[_STRUCTURE])), arrays)
    except _NOT_OURS as error:
        raise RuntimeError(
            f"{name} was not written by gradb's save ({type(error).__name__}). gradb reads no pickles: "
            "carry a file of PyTorch's over by way of numpy"
        ) from None


def _described(value: Any, place: str, arrays: dict[str, Array]) -> Any:
    """The value in JSON's terms: plain values as they are, everything else as {"kind": ...}."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if isinstance(value, Tensor):
        name = f"tensor{len(arrays)}"
        arrays[name] = value._array
        return {"kind": "Parameter" if kind is Parameter else "Tensor", "array": name, "grad": value._requires_grad}
    if isinstance(value, dtype):
        return {"kind": "dtype", "name": value.name}
    if _MAPPINGS.get(kind.__name__) is kind:
        pairs = [
            [_described(key, f"a key of {place}", arrays), _described(item, f"{place}[{key!r}]", arrays)]
            for key, item in value.items()
        ]
        return {"kind": kind.__name__, "items": pairs}
    if _SEQUENCES.get(kind.__name__) is kind:
        return {
            "kind": kind.__name__,
            "items": [_described(item, f"{place}[{i}]", arrays) for i, item in enumerate(value)],
        }
    hint = "; save its state_dict() instead" if hasattr(value, "state_dict") else ""
    raise TypeError(f"{place} is a {kind.__name__}, which cannot be saved{hint}")


def _rebuilt(value: Any, arrays: dict[str, Array]) -> Any:
    if not isinstance(value, dict):
        return value
    kind: str = value["kind"]
    if kind in ("Tensor", "Parameter"):
        tensor = Tensor._wrap(arrays[value["array"]])
        if kind == "Parameter":
            return Parameter(tensor, value["grad"])
        tensor._requires_grad = value["grad"]
        return tensor
    if kind == "dtype":
        return NAMES[value["name"]]
    if kind in _MAPPINGS:
        return _MAPPINGS[kind]({_rebuilt(key, arrays): _rebuilt(item, arrays) for key, item in value["items"]})
    return _SEQUENCES[kind]([_rebuilt(item, arrays) for item in value["items"]])
