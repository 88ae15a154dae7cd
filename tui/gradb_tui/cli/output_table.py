"""Tables on standard output: `print_table(table)`, in colours and folded to its width on a terminal only."""

import sys

from rich import box
from rich.console import Console
from rich.table import Table

_WIDE = 1000  # lines of a file or a pipe are never folded


def plain_table(*, footer: bool = False) -> Table:
    """A table with a rule below its heading and nothing else."""
    return Table(box=box.SIMPLE_HEAD, show_footer=footer, pad_edge=False)


def print_table(table: Table) -> None:
    """Prints a table without blanks at the ends of its lines."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _WIDE, highlight=False, markup=False)
    with console.capture() as drawn:
        console.print(table)
    print("\n".join([line.rstrip() for line in drawn.get().splitlines()]))
