"""The regression of 800 steps: gradb with and without recording, PyTorch eager, and numpy written by hand."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import gradb
import numpy as np
from gradb.scenario.bundled import load_bundled
from gradb.scenario.runner import run as run_scenario

from bench.pairs import interleaved, ratio
from bench.programs import END, by_hand, program, recorded
from bench.table import Row

ROUNDS = 15


def measure() -> list[Row]:
    """The ratios between them, after a check that they all end where they should."""
    scenario = load_bundled("regression")
    runs: dict[str, Callable[[], Any]] = {
        "recorded": recorded,
        "plain": lambda: program(gradb),
        "numpy": by_hand,
        "scenario": lambda: run_scenario(scenario),
    }
    has_torch = importlib.util.find_spec("torch") is not None
    if has_torch:
        torch: Any = importlib.import_module("torch")

        torch.set_num_threads(1)
        runs["torch"] = lambda: program(torch)
    for name, run in runs.items():
        if name != "scenario":
            np.testing.assert_allclose(run(), END, atol=5e-5, err_msg=name)

    times = interleaved(runs, ROUNDS)

    def row(text: str, name: str, to: str, goal: float | None = None, note: str = "") -> Row:
        missing = to not in times
        figure = None if missing else ratio(times, name, to)
        spent = f"{min(times[name]) * 1e3:.0f} ms" + ("" if missing else f" to {min(times[to]) * 1e3:.0f} ms")
        return Row(f"800 steps, {text}", figure, "x", goal, f"{'no torch here; ' if missing else ''}{spent}{note}")

    return [
        row("recording on / PyTorch eager", "recorded", "torch", 0.8, "; aim 0.5"),
        row("recording off / PyTorch eager", "plain", "torch"),
        row("recording on / recording off", "recorded", "plain", 1.25),
        row("recording on / numpy by hand", "recorded", "numpy", 4),
        row("recording off / numpy by hand", "plain", "numpy"),
        row("scenario, checked and guarded / PyTorch eager", "scenario", "torch"),
        row("scenario, checked and guarded / recording on", "scenario", "recorded"),
    ]
