"""The debugger in a real terminal of 120x40: the time to its first paint, and from a key to the last byte it drew."""

from statistics import median

from bench.pairs import percentile
from bench.startup import GRADB
from bench.table import Row
from bench.terminal import Terminal

STARTS = 5
PRESSES = 60
GOAL = 16.0
KEYS = {
    "s and S, one event": b"sS",
    "n and N, one node": b"nN",
    "] and [, one step": b"][",
    "f and F, one phase": b"fF",
    "l and L, one line": b"lL",
    "Tab, one pane": b"\t\t",
}
COMMAND = [GRADB, "run", "regression"]


def measure() -> list[Row]:
    """Milliseconds at p50 and p95 for each pair of keys, forwards then back, and to the first paint."""
    paints: list[float] = []
    for _ in range(STARTS):
        with Terminal(COMMAND) as terminal:
            paints.append(terminal.first_paint() * 1e3)
    rows = [Row("gradb run regression, time to the first paint", median(paints), "ms", note=f"median of {STARTS}")]
    with Terminal(COMMAND) as terminal:
        terminal.first_paint()
        terminal.settle()
        for _ in range(2):  # into the second step, where the graph has its usual size
            terminal.press(b"]")
        for text, (forwards, back) in KEYS.items():
            times = [terminal.press(bytes([key])) for key in (forwards, back) for _ in range(PRESSES)]
            drawn = [time * 1e3 for time in times if time is not None]
            if len(drawn) < len(times) * 0.9:
                raise RuntimeError(f"{len(times) - len(drawn)} of {len(times)} presses of {text} drew nothing")
            rows.append(Row(f"key to repaint, {text}: p50", percentile(drawn, 0.5), "ms", note="key to last byte, pty"))
            rows.append(Row(f"key to repaint, {text}: p95", percentile(drawn, 0.95), "ms", GOAL))
    return rows
