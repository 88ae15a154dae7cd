"""A million events: the regression of 60 000 steps recorded, saved, opened, sought and exported, and beside it the same
values written with torch.save and with TensorBoard. GRADB_BENCH_STEPS sets another number of steps."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import scale_app
from bench.table import Row

STEPS = int(os.environ.get("GRADB_BENCH_STEPS", "60000"))
OTHERS = 2000  # steps that the slower alternatives do; their figures are per step
MB = 1e6


def measure() -> list[Row]:
    """Times, sizes and peak memory, each part in a process of its own."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        memory, saved = _run("in_memory", folder, STEPS), _run("saved", folder, STEPS)
        opened, in_app = _run("opened", folder, STEPS), scale_app.measure(folder / "run.gradb")
        exported = _run("exported", folder, STEPS)
        rows = [*_writing(memory, saved), *_reading(opened, exported), *in_app]
        rows += _per_step("gradb's trace file", saved, STEPS, "every event and value, searchable")
        for what, part, package in (
            ("torch.save in each step", "torch_save", "torch"),
            ("TensorBoard's add_tensor", "tensorboard", "tensorboard"),
        ):
            if find_spec("torch") is None or find_spec(package) is None:
                rows.append(Row(f"{what}, time per step", None, "us", note=f"no {package} here"))
            else:
                note = f"{OTHERS} steps, 16 values each"
                rows += _per_step(what, _run(part, folder, OTHERS), OTHERS, note)
    return rows


def _writing(memory: dict[str, float], saved: dict[str, float]) -> list[Row]:
    note = f"{saved['events']:.0f} events, {STEPS} steps"
    return [
        Row("recorded in memory", memory["seconds"], "s", note=note),
        Row("recorded in memory: peak memory", memory["memory"] / MB, "MB"),
        Row("recorded and saved", saved["seconds"], "s", note=note),
        Row("recorded and saved / in memory", saved["seconds"] / memory["seconds"], "x"),
        Row("recorded and saved: peak memory", saved["memory"] / MB, "MB", 300),
        Row("trace file", saved["bytes"] / MB, "MB", note=f"{saved['bytes'] / saved['events']:.0f} bytes an event"),
    ]


def _reading(opened: dict[str, float], exported: dict[str, float]) -> list[Row]:
    return [
        Row("open, to all that the first screen asks", opened["open"] * 1e3, "ms", 1000),
        Row("seek to a random event: p50", opened["seek p50"] * 1e3, "ms", note="all that the panes ask"),
        Row("seek to a random event: p95", opened["seek p95"] * 1e3, "ms", 20),
        Row("W, next write of w: p50", opened["W p50"] * 1e3, "ms"),
        Row("W, next write of w: p95", opened["W p95"] * 1e3, "ms", 20),
        Row("W for the first time on w", opened["first W of w"] * 1e3, "ms", note="reads its writes"),
        Row("W for the first time on loss", opened["first W of loss"] * 1e3, "ms", note="a new tensor each step"),
        Row("open and seek: peak memory", opened["memory"] / MB, "MB"),
        Row("export as JSON Lines", exported["seconds"], "s", note=f"{exported['bytes'] / MB:.0f} MB"),
        Row("export as JSON Lines: peak memory", exported["memory"] / MB, "MB"),
    ]


def _per_step(what: str, figures: dict[str, float], steps: int, note: str) -> list[Row]:
    return [
        Row(f"{what}, time per step", figures["seconds"] / steps * 1e6, "us", note=note),
        Row(f"{what}, size per step", figures["bytes"] / steps, "bytes"),
        Row(f"{what}, peak memory", figures["memory"] / MB, "MB"),
    ]


def _run(part: str, folder: Path, steps: int) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.scale_runs", part, str(folder), str(steps)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{part}: {ended.stderr.strip().splitlines()[-1]}")
    return json.loads(ended.stdout.splitlines()[-1])
