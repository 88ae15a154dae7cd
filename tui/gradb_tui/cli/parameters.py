"""The arguments and options that several commands take: `source: Source`, `max_events: MaxEvents`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits
    from gradb.trace.file.keep import Save as ToSave

_SOURCE = "A bundled scenario's name, a .yaml file, a .py script (in quotes with its arguments) or a .gradb file."
Source = Annotated[str, typer.Argument(metavar="SOURCE", help=_SOURCE)]
Sources = Annotated[list[str], typer.Argument(metavar="SOURCE", help=_SOURCE)]
Save = Annotated[
    Path | None, typer.Option("--save", metavar="FILE", help="Write the run into a .gradb file as it goes.")
]
Keep = Annotated[
    str, typer.Option("--keep", metavar="WHAT", help="Values to save: all, summary, window:10-20 or every:5 (steps).")
]
Budget = Annotated[
    str, typer.Option("--budget", metavar="SIZE", help="What saved values may take, as 500MB: the oldest go first.")
]
MaxEvents = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop the program after N events.")]
MaxSeconds = Annotated[float | None, typer.Option(min=0.001, metavar="S", help="Stop the program after S seconds.")]
MaxBytes = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop the program when it takes N bytes more.")]


def saving(path: Path | None, keep: str, budget: str) -> "ToSave | None":
    """The trace file to write, None where there is to be none. Raises UserError for what cannot be kept."""
    from gradb.errors import UserError
    from gradb.trace.file.keep import Save as Saved
    from gradb.trace.file.keep import parse_keep

    wanted = parse_keep(keep, budget)
    if path is None and not wanted.everything:
        raise UserError("--keep and --budget say what a trace file keeps", fix="name the file with --save")
    return None if path is None else Saved(path, wanted)


def limits(events: int | None, seconds: float | None, bytes_: int | None) -> "Limits":
    """What the options allow the program; None leaves it to the scenario."""
    from gradb.scenario.schema import Limits

    return Limits(events, seconds, bytes_)
