"""The arguments and options that several commands take: `source: Source`, `max_events: MaxEvents`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits

_SOURCE = "A bundled scenario's name, a .yaml file, a .py script or a .gradb file."
Source = Annotated[str, typer.Argument(metavar="SOURCE", help=_SOURCE)]
Sources = Annotated[list[str], typer.Argument(metavar="SOURCE", help=_SOURCE)]
Save = Annotated[
    Path | None, typer.Option("--save", metavar="FILE", help="Write the run into a .gradb file as it goes.")
]
MaxEvents = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop the program after N events.")]
MaxSeconds = Annotated[float | None, typer.Option(min=0.001, metavar="S", help="Stop the program after S seconds.")]
MaxBytes = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop the program when it takes N bytes more.")]


def limits(events: int | None, seconds: float | None, bytes_: int | None) -> "Limits":
    """What the options allow the program; None leaves it to the scenario."""
    from gradb.scenario.schema import Limits

    return Limits(events, seconds, bytes_)
