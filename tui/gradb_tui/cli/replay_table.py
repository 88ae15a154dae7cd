"""The table at the end of a replay of several sources: `print_summary(results)`."""

from collections.abc import Callable, Sequence

from gradb.debug.cleaning import clean
from rich.text import Text

from gradb_tui.cli.output_table import plain_table, print_table
from gradb_tui.cli.replay_result import Result

_WORDS = {"holds": ("holds", "green"), "fails": ("FAILS", "bold red"), "cannot_run": ("could not run", "bold red")}


def print_summary(results: Sequence[Result], shown: Callable[[str], str] = str) -> None:
    """Prints a line for each source, in the order of the command line, and the totals. `shown` writes a name."""
    table = plain_table(footer=True)
    total = sum(len(result.checked) for result in results)
    held = total - sum(result.failed for result in results)
    table.add_column("source", footer=_counted(len(results), "source"), overflow="fold")
    table.add_column("verdict", footer=_outcomes(results))
    table.add_column("expectations", footer=f"{held} of {total} hold", justify="right")
    table.add_column("events", footer=f"{sum(result.events for result in results):,}", justify="right")
    table.add_column("steps", footer=f"{sum(result.steps for result in results):,}", justify="right")
    for result in results:
        word, style = _WORDS[result.outcome]
        expected = len(result.checked)
        holding = f"{expected - result.failed} of {expected}" if expected else "none"
        table.add_row(
            Text(shown(clean(result.source).replace("\n", " "))),
            Text(word, style),
            "" if result.problem is not None else holding,
            f"{result.events:,}",
            f"{result.steps:,}",
        )
    print_table(table)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _outcomes(results: Sequence[Result]) -> str:
    counts = [sum(result.outcome == outcome for result in results) for outcome in _WORDS]
    words = ("hold" if counts[0] != 1 else "holds", "fail" if counts[1] != 1 else "fails", "could not run")
    return ", ".join([f"{count} {word}" for count, word in zip(counts, words, strict=True) if count])
