"""The commands of `gradb` and their options."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from gradb_tui.cli.output import survive

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits

_SOURCE = "A bundled scenario's name, a .yaml file or a .py script."
Source = Annotated[str, typer.Argument(metavar="SOURCE", help=_SOURCE)]
Sources = Annotated[list[str], typer.Argument(metavar="SOURCE", help=_SOURCE)]
Break = Annotated[
    list[str] | None,
    typer.Option("--break", "-b", metavar="WHERE", help="Stop at: nan_or_inf, line 12, MulBackward0, w.grad, w > 3."),
]
Until = Annotated[
    list[str] | None,
    typer.Option(
        "--until", metavar="CONDITION", help="End the walk where it holds: w.grad.norm() > 10, or as --break."
    ),
]
MaxEvents = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop the program after N events.")]
MaxSeconds = Annotated[float | None, typer.Option(min=0.001, metavar="S", help="Stop the program after S seconds.")]
MaxBytes = Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop the program when it takes N bytes more.")]


class Commands(TyperGroup):
    """Ends with the exit code that fits, whatever a command raises."""

    def invoke(self, ctx: Any) -> Any:
        with survive():
            return super().invoke(ctx)


app = typer.Typer(
    cls=Commands,
    help="Walk through the backpropagation of a small PyTorch program, forwards and backwards.",
    epilog="Exit codes: 0 all is well, 1 an expectation fails or the program raised, 2 it could not run.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
command: Callable[..., Callable[[Callable[..., None]], Callable[..., None]]] = app.command


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"gradb {version('gradb')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def gradb(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="CODE", help="Language of the scenarios' texts: en, zh. Else the locale's."),
    ] = None,
) -> None:
    """Without a command: choose a scenario and open it."""
    from gradb.scenario import language

    language.use(language.from_environment() if lang is None else lang)
    if context.invoked_subcommand is None:
        from gradb_tui.cli.opening import choose

        raise typer.Exit(choose())


@command()
def run(
    source: Source,
    breaks: Break = None,
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Open SOURCE in the debugger; without a terminal, replay it."""
    from gradb_tui.cli.opening import open_or_replay

    raise typer.Exit(open_or_replay(source, _limits(max_events, max_seconds, max_bytes), breaks or ()))


@command()
def replay(
    sources: Sources,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the verdict alone.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON line per event; with -q, per claim.")] = False,
    first: Annotated[str, typer.Option("--from", metavar="ADDRESS", help="Where the walk begins: step3.")] = "start",
    last: Annotated[str, typer.Option("--to", metavar="ADDRESS", help="Where it ends: step3/backward.")] = "end",
    until: Until = None,
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Print the walk, then check the expectations."""
    from gradb_tui.cli.replay import Options, replay_all

    options = Options(_limits(max_events, max_seconds, max_bytes), quiet, json, first, last, tuple(until or ()))
    raise typer.Exit(replay_all(sources, options))


@command()
def export(
    source: Source,
    format_: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="jsonl: JSON Lines.")] = "jsonl",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; by default to standard output.")
    ] = None,
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Write the trace to a file."""
    from gradb_tui.cli.exporting import export_to

    raise typer.Exit(export_to(source, format_, output, _limits(max_events, max_seconds, max_bytes)))


@command()
def verify(
    sources: Sources,
    max_events: MaxEvents = None,
    max_seconds: MaxSeconds = None,
    max_bytes: MaxBytes = None,
) -> None:
    """Run SOURCE on real PyTorch too, and compare every event."""
    from gradb_tui.cli.verify import verify_all

    raise typer.Exit(verify_all(sources, _limits(max_events, max_seconds, max_bytes)))


@command("list")
def list_() -> None:
    """Print the bundled scenarios by chapter, each with its title."""
    from gradb_tui.cli.listing import listing

    for line in listing():
        print(line)


@command()
def keys() -> None:
    """Print which keys do what in the debugger."""
    from gradb_tui.cli.keys import print_keys

    raise typer.Exit(print_keys())


@command()
def schema(
    what: Annotated[Literal["scenario", "trace"], typer.Argument(help="A scenario file, or a line of a trace.")],
) -> None:
    """Print the JSON Schema of a file or of a trace."""
    import json

    if what == "scenario":
        from gradb.scenario.schema import json_schema
    else:
        from gradb.export.records import json_schema
    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _limits(events: int | None, seconds: float | None, bytes_: int | None) -> "Limits":
    from gradb.scenario.schema import Limits

    return Limits(events, seconds, bytes_)
