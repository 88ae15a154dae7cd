"""What a script asks of a trace: `trace.export("csv", path)`, `trace.to_records()`, `trace.tensor("w", at="step3")`.

Exports are made by `gradb.export`, which stands above traces and reads them; the methods here hand over to it.
"""

from collections.abc import Iterator, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, cast

from gradb.errors import UserError
from gradb.trace.events import Array

if TYPE_CHECKING:
    from gradb.trace.trace import Trace


class ForScripts:
    """Methods of every Trace, and of nothing else."""

    def export(
        self,
        format: str,
        path: str | PathLike[str],
        *,
        first: int | str = "",
        last: int | str = "",
        steps: int | str = "",
        tensors: str | Sequence[str] = (),
        at: int | str = "",
    ) -> int:
        """Writes the run to a file in one of the formats of `gradb export --help`, and returns the number of bytes.

        `first` and `last` are addresses or numbers of events, `steps` is a number or `2-5`, `2-` or `-5`, `tensors` are
        names of variables such as `w`, `*.weight` or `w.grad`, and `at` is the one moment to show. A file that was
        there is replaced only when the new one is complete. Raises UserError for what does not exist in the run or does
        not fit the format, and where the file cannot be written.
        """
        from gradb.export.writing import Request, write

        names = (tensors,) if isinstance(tensors, str) else tuple(tensors)
        return write(_trace(self), format, path, Request(str(first), str(last), str(steps), names, str(at)))

    def to_records(self) -> Iterator[dict[str, Any]]:
        """The events as dicts, one after the other, with the keys and values of the format jsonl."""
        from gradb.export.writing import records

        return records(_trace(self))

    def tensor(self, name: str, at: int | str = "end") -> Array:
        """What a variable, or `w.grad`, held at a moment (an address or a number): an array that is not writeable.

        Raises UserError where there is no such variable or moment, or where it held nothing then.
        """
        trace = _trace(self)
        moment = trace.locate(str(at))
        grad = name not in trace.bindings and name.endswith(".grad")
        held = trace.bindings.get(name.removesuffix(".grad") if grad else name)
        if held is None:
            raise UserError(f"the run has no tensor {name!r}", allowed=", ".join(trace.bindings))
        # Code that was recorded without its source names its variables when the recording ends.
        tensor_id = held.ids[0] if (found := held.at(moment)) is None else found
        array = trace.grad(tensor_id, moment) if grad else trace.value(tensor_id, moment)
        if array is None:
            raise UserError(f"{name} holds nothing there", where=trace.address(moment))
        view = array.view()
        view.flags.writeable = False
        return view


def _trace(of: ForScripts) -> "Trace":
    return cast("Trace", of)
