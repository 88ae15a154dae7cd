"""`gradb` itself: the options before a command, and `command`, with which each command joins it."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gradb_tui.cli.output import survive


class Commands(TyperGroup):
    """Ends with the exit code that fits, whatever a command raises; takes `--lang` after the command as well."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, language_first(args))

    def invoke(self, ctx: Any) -> Any:
        with survive():
            return super().invoke(ctx)


def language_first(args: Sequence[str]) -> list[str]:
    """The arguments with `--lang CODE` or `--lang=CODE` before the command, wherever before a `--` it stands."""
    end = args.index("--") if "--" in args else len(args)
    for at in range(end):
        width = 2 if args[at] == "--lang" and at + 1 < end else 1 if args[at].startswith("--lang=") else 0
        if width:
            return [*args[at : at + width], *args[:at], *args[at + width :]]
    return list(args)


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
