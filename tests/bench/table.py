"""What is printed: `Row`, a figure beside its goal, and `show`, the table of them all."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One figure. `goal` is the most it may be; `figure` is None where it could not be measured."""

    measure: str
    figure: float | None
    unit: str
    goal: float | None = None
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the goal is met; None where there is no goal or no figure."""
        return None if self.figure is None or self.goal is None else self.figure <= self.goal


def show(rows: Sequence[Row], failures: Sequence[tuple[str, Exception]]) -> None:
    """Prints the table, then the parts that could not be measured and why."""
    load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; figures in ms suffer from load"
    table = Table(caption=load)
    for column in ("measure", "figure", "goal", "reached", "note"):
        table.add_column(column, justify="right" if column in {"figure", "goal"} else "left")
    for row in rows:
        goal = f"<= {_text(row.goal, row.unit)}" if row.goal is not None else ""
        reached = {True: "yes", False: "NO", None: ""}[row.reached]
        table.add_row(row.measure, _text(row.figure, row.unit), goal, reached, row.note)
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table, markup=False)
    for part, error in failures:
        console.print(f"not measured: {part}: {type(error).__name__}: {error}", markup=False)


def _text(figure: float | None, unit: str) -> str:
    if figure is None:
        return "-"
    return f"{figure:.0f} {unit}" if figure >= 100 else f"{figure:.3g} {unit}"
