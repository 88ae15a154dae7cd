"""A plain PyTorch script: the program as it stands, its data written out, and what is expected of it.

It runs without gradb, and prints what the run printed.
"""

from collections.abc import Iterator

from gradb.debug.cleaning import clean
from gradb.errors import UserError
from gradb.export.py_checks import checks
from gradb.export.py_source import plain_source
from gradb.export.py_values import assignment
from gradb.export.selection import Selection
from gradb.trace.events import Array, Raised, TensorCreated
from gradb.trace.trace import Trace


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The script line by line. Raises UserError where the source is not known, or a part of the run is asked for."""
    if selection.numbers != range(1, len(trace) + 1) or not selection.tensors.all:
        raise UserError("a script is the whole program: a part of a run cannot be written as one")
    if not trace.source.strip():
        raise UserError("the program's source is not in the trace, so no script can be written")
    source = plain_source(trace.source)
    return (f"{line}\n".encode(errors="replace") for line in _lines(trace, source, selection))


def _lines(trace: Trace, source: str, selection: Selection) -> Iterator[str]:
    yield f"# {_comment(trace.header.title)}".rstrip()
    yield "#"
    version = _comment(trace.header.version)
    yield f"# Written by gradb {version}. It needs PyTorch alone, and prints what the run printed."
    yield ""
    data = list(_data(trace))
    if data:
        yield "import torch"
        yield ""
        for name, array in data:
            yield from assignment(name, array)
        yield ""
    yield source.rstrip("\n")
    yield from checks(selection.words, source, ends_well=not isinstance(trace.event(len(trace)), Raised))


def _comment(text: str) -> str:
    """A text that stays within the comment in which it stands."""
    return clean(" ".join(text.split()))


def _data(trace: Trace) -> Iterator[tuple[str, Array]]:
    """What the scenario gave the program under `data:`; the recording begins with it."""
    for number in range(1, len(trace) + 1):
        event = trace.event(number)
        if not isinstance(event, TensorCreated) or event.origin != "data":
            return
        name = trace.name(event.tensor.id)
        if not name.isidentifier():
            raise UserError(f"{name!r} is no name of a variable, so no script can be written")
        yield name, event.tensor.array
