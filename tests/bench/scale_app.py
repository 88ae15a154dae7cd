"""The debugger in a terminal on a trace file of a million events: a seek to a random event, `w` and `W`."""

import random
from pathlib import Path

from bench.app import own_folder
from bench.pairs import percentile
from bench.startup import GRADB
from bench.table import Row
from bench.terminal import Terminal

SEEKS = 60
_LINE = 38  # of 40: the timeline of the run
_COLUMNS = (8, 100)


def measure(file: Path) -> list[Row]:
    """Milliseconds to the first paint, and from a click on the timeline or a key to the last byte of what it drew."""
    with own_folder(), Terminal([GRADB, "run", str(file)]) as terminal:
        first = terminal.first_paint() * 1e3
        terminal.settle()
        draw = random.Random(0)
        seeks: list[float | None] = []
        writes: list[float | None] = []
        for _ in range(SEEKS):
            column = draw.randint(*_COLUMNS)
            seeks.append(terminal.press(b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (column, _LINE, column, _LINE)))
            writes += [terminal.press(b"w"), terminal.press(b"W")]
    return [
        Row("in the app: time to the first paint", first, "ms", 1000),
        _row("in the app: click on the timeline to repaint", seeks),
        _row("in the app: w/W to repaint", writes),
    ]


def _row(what: str, times: list[float | None]) -> Row:
    drawn = [time * 1e3 for time in times if time is not None]
    if len(drawn) < len(times) / 2:
        raise RuntimeError(f"{what}: {len(times) - len(drawn)} of {len(times)} drew nothing")
    return Row(what, percentile(drawn, 0.95), "ms", 20, f"p95; p50 {percentile(drawn, 0.5):.1f} ms")
