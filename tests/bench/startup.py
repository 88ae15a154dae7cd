"""How long the command line takes to answer: `gradb --help`, beside a Python that does nothing."""

import subprocess
import sys
from pathlib import Path
from statistics import median

from bench.pairs import interleaved, ratio
from bench.table import Row

GRADB = str(Path(sys.executable).with_name("gradb"))
ROUNDS = 7


def measure() -> list[Row]:
    """The median wall time of `gradb --help`, and its ratio to Python's own start."""
    times = interleaved(
        {
            "help": lambda: subprocess.run([GRADB, "--help"], check=True, stdout=subprocess.DEVNULL),
            "python": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        },
        ROUNDS,
    )
    return [
        Row("gradb --help, wall time", median(times["help"]), "s", 0.3, f"median of {ROUNDS}"),
        Row("gradb --help / python -c ''", ratio(times, "help", "python"), "x"),
    ]
