"""What a verification found, as text: `report("leaf", verification)` gives the lines."""

from collections import Counter

from gradb.trace.formulas import explain
from gradb.trace.trace import Trace
from gradb.verify.comparison import Comparison, Divergence
from gradb.verify.sequence import NAME, Item
from gradb.verify.verification import Verification

_BEFORE, _AFTER = 3, 2  # events that are shown around a divergence


def report(source: str, found: Verification) -> list[str]:
    """The verdict; then what was compared, or where the runs part, both sides of it and the events around."""
    engine = found.theirs.header.engine.partition(" (")[0]
    compared = found.comparison
    agreed = compared.agreed.total()
    if compared.divergence is None:
        return [f"{source}: the same on {engine}, {agreed} events and names agree", *_compared(compared)]
    head = f"{source}: DIFFERENT on {engine}, after {agreed} events and names that agree"
    return [head, *_sides(compared.divergence), *_around(found, engine)]


def _compared(found: Comparison) -> list[str]:
    lines = [f"  compared in order: {_counts(found.agreed)}"]
    if found.near:
        lines.append(f"  {found.near} printed texts are the same but for numbers that are within the tolerance")
    ours, theirs = (_counts(counts) for counts in found.left_out)
    if ours or theirs:
        lines.append(f"  not compared by themselves: {ours or 'none'} on gradb, {theirs or 'none'} on PyTorch")
    return lines


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))


def _sides(divergence: Divergence) -> list[str]:
    if not divergence.differences:
        return [f"  {'gradb' if divergence.ours is None else 'PyTorch'} has come to its end, the other goes on"]
    lines: list[str] = []
    for difference in divergence.differences:
        lines.append(f"  {difference.what}")
        for side, text in (("gradb", difference.ours), ("PyTorch", difference.theirs)):
            first, *rest = text.split("\n")
            lines.append(f"    {side:<7}  {first}")
            lines.extend([f"    {'':<7}  {line}" for line in rest])
    return lines


def _around(found: Verification, engine: str) -> list[str]:
    divergence = found.comparison.divergence
    assert divergence is not None
    return [
        *_events("gradb", found.ours, divergence.ours),
        *_events(engine, found.theirs, divergence.theirs),
    ]


def _events(title: str, trace: Trace, item: Item | None) -> list[str]:
    """The events around an item, which is marked."""
    last = len(trace)
    at = last + 1 if item is None else item.number
    lines = [f"  on {title}"]
    for number in range(max(1, at - _BEFORE), min(last, at + _AFTER) + 1):
        mark = ">" if item is not None and number == at else " "
        line = trace.events[number - 1].line
        text = explain(trace, number).title.split("\n")[0]
        lines.append(f"  {mark} {trace.address(number):<20} line {line:>3}  {text}")
        if mark == ">" and item is not None and item.kind == NAME:
            lines.append(f"  {mark} {'':<20} line {line:>3}  the variable {item.name} holds another tensor")
    if item is None:
        lines.append("  > the end")
    return lines
