"""The formats that a trace can be exported to: `exporter("jsonl")` is the function that makes the bytes.

A format is one module with a function `chunks(trace)` that yields bytes, and one line in `FORMATS`.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from gradb.errors import UserError

if TYPE_CHECKING:
    from gradb.trace.trace import Trace

FORMATS = {
    "jsonl": "gradb.export.jsonl",
}


def exporter(name: str) -> "Callable[[Trace], Iterator[bytes]]":
    """The export of that name, piece by piece. Raises UserError, which says which formats there are."""
    module = FORMATS.get(name)
    if module is None:
        raise UserError(f"there is no export format {name!r}", allowed=", ".join(FORMATS))
    return import_module(module).chunks
