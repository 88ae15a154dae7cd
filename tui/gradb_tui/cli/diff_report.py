"""What `gradb diff` prints: `print_report(left, right, found, tolerance)`."""

from collections.abc import Iterator

from gradb.debug.cleaning import clean
from gradb.debug.comparing import Tolerance
from gradb.debug.run_difference import Divergence, RunDifference, TensorDifference
from gradb.debug.surroundings import around, around_gap
from gradb.trace.numbers import number
from gradb.trace.trace import Trace
from rich.text import Text

from gradb_tui.cli.diff_side import Side
from gradb_tui.cli.output_table import plain_table, print_table

MOST_ROWS = 20


def print_report(left: Side, right: Side, found: RunDifference, tolerance: Tolerance) -> None:
    """Both runs, the verdict; where they differ the first event that does, and a row for each tensor that does."""
    width = max(len(left.name), len(right.name))
    for letter, side in (("A", left), ("B", right)):
        print(clean(f"{letter}  {side.name:<{width}}  {side.about}"))
    within = f"within rtol {tolerance.relative:g}, atol {tolerance.absolute:g}"
    first = found.first
    if first is None:
        name, worst = max(found.tensors.items(), key=_distance, default=("", TensorDifference()))
        largest = f"{within} (the largest distance is {number(worst.distance)}, of {clean(name)})"
        print(f"equal: {found.same:,} events agree {largest if worst.distance else 'exactly'}")
        return
    print(clean(f"DIFFERENT from {_where(left, right, first)}"))
    for text in _sides(first):
        print(clean(f"  {text}"))
    for letter, side, at, before in zip(
        "AB", (left, right), (first.pair.left, first.pair.right), (first.before.left, first.before.right), strict=True
    ):
        print(f"  in {letter}")
        for text in around(side.trace, at) if at else around_gap(side.trace, before):
            print(clean(f"    {text}"))
    print(f"{_counts(found)}; {found.same:,} agree {within}")
    _print_tensors(left.trace, found)


def _where(left: Side, right: Side, first: Divergence) -> str:
    at, other = first.pair
    if not at:
        return f"{right.trace.address(other)} of B on, an event that A does not have"
    address = left.trace.address(at)
    if not other:
        return f"{address} of A on, an event that B does not have"
    if at == other:
        return f"{address} on (#{at})"
    other_address = right.trace.address(other)
    return f"{address} on (A #{at}, B #{other}{'' if other_address == address else f': {other_address}'})"


def _sides(first: Divergence) -> Iterator[str]:
    difference = first.difference
    if difference is None:
        return
    yield difference.what
    for letter, text in (("A", difference.left), ("B", difference.right)):
        head, *rest = text.split("\n")
        yield f"  {letter}  {head}"
        for line in rest:
            yield f"     {line}"


def _counts(found: RunDifference) -> str:
    parts = [(found.different, "differ"), (found.only_left, "only in A"), (found.only_right, "only in B")]
    return "events: " + ", ".join([f"{count:,} {what}" for count, what in parts if count])


def _distance(item: tuple[str, TensorDifference]) -> float:
    return item[1].distance


def _print_tensors(left: Trace, found: RunDifference) -> None:
    """The tensors and gradients that both runs wrote and that differ, in the order in which they begin to."""
    rows = [(name, of) for name, of in found.tensors.items() if of.far]
    agree = len(found.tensors) - len(rows)
    if rows:
        rows.sort(key=lambda row: row[1].first or (0, 0))
        table = plain_table()
        for heading in ("tensor", "first in A"):
            table.add_column(heading, overflow="fold")
        for heading in ("written", "differ", "distance", "relative"):
            table.add_column(heading, justify="right")
        for name, of in rows[:MOST_ROWS]:
            assert of.first is not None
            address = left.address(of.first.left)
            numbers = (f"{of.writes:,}", f"{of.far:,}", number(of.distance), number(of.relative))
            table.add_row(Text(clean(name)), address, *numbers)
        print_table(table)
    more = f"{len(rows) - MOST_ROWS} more tensors differ, " if len(rows) > MOST_ROWS else ""
    print(f"{more}{agree} tensor{'' if agree == 1 else 's'} and gradients that both have agree")
