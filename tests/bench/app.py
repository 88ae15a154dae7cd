"""The debugger in a real terminal: the time to its first paint, and from a key to the last byte of what it drew."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.graphs import script
from bench.pairs import percentile
from bench.startup import GRADB
from bench.table import Row
from bench.terminal import Terminal

STARTS = 5
PRESSES = 60
SIZES = {30: (16.0, 20), 300: (16.0, 12), 10_000: (33.0, 4)}  # of each graph: the goal in ms, the steps of the run
OPENED = 1000
ENDS = ("G", "g")
KEYS = {
    "s/S event": ("s", "S"),
    "n/N node": ("n", "N"),
    "l/L line": ("l", "L"),
    "f/F phase": ("f", "F"),
    "]/[ step": ("]", "["),
    "w/W write": ("w", "W"),
    "arrows": ("\x1b[C", "\x1b[D"),
    "PgDn/PgUp": ("\x1b[6~", "\x1b[5~"),
    "G/g end, start": ENDS,
    "Tab, one pane": ("\t", "\t"),
    "v, one view": ("v", "V"),
}


def measure() -> list[Row]:
    """Milliseconds: the first paint, the graph's first, and for each pair of keys, on small and on large graphs."""
    with own_folder() as folder:
        return [_first_paint(), *_keys(folder), _opened_graph(folder)]


@contextmanager
def own_folder() -> Generator[Path]:
    """A folder for the programs, and for what the debugger remembers."""
    with TemporaryDirectory() as name:
        before = os.environ.get("XDG_STATE_HOME")
        os.environ["XDG_STATE_HOME"] = name
        try:
            yield Path(name)
        finally:
            os.environ.pop("XDG_STATE_HOME")
            if before is not None:
                os.environ["XDG_STATE_HOME"] = before


def _program(folder: Path, nodes: int, steps: int) -> list[str]:
    """The command that opens a graph of so many nodes."""
    file = folder / f"graph_{nodes}.py"
    file.write_text(script(nodes, steps))
    return [GRADB, "run", str(file)]


def _first_paint() -> Row:
    times: list[float] = []
    for _ in range(STARTS):
        with Terminal([GRADB, "run", "regression"]) as terminal:
            times.append(terminal.first_paint() * 1e3)
    return Row("gradb run regression, time to the first paint", median(times), "ms", 1000, f"median of {STARTS}")


def _keys(folder: Path) -> Iterator[Row]:
    for nodes, (goal, steps) in SIZES.items():
        with Terminal(_program(folder, nodes, steps)) as terminal:
            terminal.first_paint()
            terminal.settle()
            for text, pair in KEYS.items():
                drawn = _pressed(terminal, pair, 1 if pair == ENDS else steps - 1)
                note = f"p95; p50 {percentile(drawn, 0.5):.1f} ms, {len(drawn)} presses"
                measured = f"key to repaint, {nodes} nodes, {text}"
                yield Row(measured, percentile(drawn, 0.95), "ms", goal, note)


def _pressed(terminal: Terminal, pair: tuple[str, str], run: int) -> list[float]:
    """Milliseconds of each press that drew something: from the start so often forwards, then as often back."""
    times: list[float | None] = []
    for _ in range(max(1, PRESSES // (2 * run))):
        for key in "g]w":  # in the second step, at an event that writes a tensor
            terminal.press(key.encode())
        times += [terminal.press(key.encode()) for key in pair for _ in range(run)]
    drawn = [time * 1e3 for time in times if time is not None]
    if len(drawn) < len(times) / 3:
        raise RuntimeError(f"{len(times) - len(drawn)} of {len(times)} presses of {pair} drew nothing")
    return drawn


def _opened_graph(folder: Path) -> Row:
    """In a terminal of 80x24 the graph is behind another pane; `4` draws it for the first time."""
    times: list[float] = []
    for _ in range(STARTS):
        with Terminal(_program(folder, OPENED, 2), columns=80, rows=24) as terminal:
            terminal.first_paint()
            terminal.settle()
            terminal.press(b"n")
            time = terminal.press(b"4", quiet=0.3)  # the frame may come before what is in it
            if time is None:
                raise RuntimeError("the key of the graph drew nothing")
            times.append(time * 1e3)
    return Row(
        f"opening the graph of {OPENED} nodes", median(times), "ms", 200, f"median of {STARTS}, key to last byte"
    )
