"""Parts of the scale benchmark, each for a process of its own: `python -m bench.scale_runs NAME FOLDER STEPS`."""

import gc
import importlib
import json
import random
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import gradb
from gradb.export.jsonl import chunks
from gradb.export.selection import select
from gradb.scenario.bundled import load_bundled
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.trace.file.trace import FileTrace, open_trace
from msgspec.structs import replace

from bench.pairs import percentile

Figures = dict[str, float]
SEEKS = 200
ALL = Limits(events=10**9, seconds=1e6, bytes=1 << 40)


def regression(steps: int) -> Scenario:
    """The bundled scenario with another number of steps."""
    scenario = load_bundled("regression")
    program = scenario.program.replace("range(800)", f"range({steps})")
    assert program != scenario.program or steps == 800
    return replace(scenario, program=program, claims=())


def in_memory(folder: Path, steps: int) -> Figures:
    """The run recorded and not saved."""
    started = perf_counter()
    trace = run(regression(steps), ALL)
    return {"seconds": perf_counter() - started, "events": len(trace)}


def saved(folder: Path, steps: int) -> Figures:
    """The run recorded into a file."""
    started = perf_counter()
    trace = run(regression(steps), ALL, folder / "run.gradb")
    seconds = perf_counter() - started
    return {"seconds": seconds, "events": len(trace), "bytes": (folder / "run.gradb").stat().st_size}


def opened(folder: Path, steps: int) -> Figures:
    """Opening the file, random seeks with all that the panes ask, and the next write of a variable."""
    gc.disable()
    started = perf_counter()
    trace = open_trace(folder / "run.gradb")
    show(trace, 1)
    figures = {"open": perf_counter() - started}
    draw = random.Random(0)
    moments = [draw.randint(1, len(trace)) for _ in range(SEEKS)]
    figures |= timed("seek", [lambda at=at: show(trace, at) for at in moments])
    for name in ("w", "loss"):  # one tensor that is written in each step, and a new one in each step
        started = perf_counter()
        len(trace.history(name))
        figures[f"first W of {name}"] = perf_counter() - started
    timeline = trace.timeline()

    def press(at: int) -> None:
        timeline.seek(at)
        timeline.next_change("w")

    return figures | timed("W", [lambda at=at: press(at) for at in moments])


def show(trace: FileTrace, at: int) -> None:
    """What the panes ask at a moment."""
    trace.event(at)
    trace.address(at)
    trace.phase_span(at)
    graph = trace.graph(at)
    trace.node_states(graph, at)
    trace.flow(graph, at)
    for name in trace.bindings:
        tensor = trace.lookup(name, at)
        if tensor is not None:
            trace.state(tensor, at)
            trace.grad(tensor, at)


def exported(folder: Path, steps: int) -> Figures:
    """The whole file as JSON Lines."""
    trace = open_trace(folder / "run.gradb")
    started = perf_counter()
    size = sum(map(len, chunks(trace, select(trace))))
    return {"seconds": perf_counter() - started, "bytes": size}


def torch_save(folder: Path, steps: int) -> Figures:
    """The same training in PyTorch; the values of each step go into a file of torch.save."""
    torch: Any = importlib.import_module("torch")

    (folder / "steps").mkdir()

    def write(step: int, values: dict[str, Any]) -> None:
        torch.save(values, folder / "steps" / f"{step}.pt")

    return trained(steps, write) | {"bytes": sum(file.stat().st_size for file in (folder / "steps").iterdir())}


def tensorboard(folder: Path, steps: int) -> Figures:
    """The same training in PyTorch; the values of each step go into TensorBoard's event file."""
    board: Any = importlib.import_module("torch.utils.tensorboard")

    with board.SummaryWriter(str(folder / "board")) as writer:

        def write(step: int, values: dict[str, Any]) -> None:
            for name, value in values.items():
                writer.add_tensor(name, value, step)

        figures = trained(steps, write)
    return figures | {"bytes": sum(file.stat().st_size for file in (folder / "board").iterdir())}


def trained(steps: int, write: Callable[[int, dict[str, Any]], None]) -> Figures:
    """The regression, with every result of an op and every gradient that a step makes given to `write`."""
    torch: Any = importlib.import_module("torch")

    torch.set_num_threads(1)
    torch.manual_seed(100)
    x = torch.linspace(-1, 1, 100).unsqueeze(1)
    y = 3 * x**2 + 2 + 0.2 * torch.rand(x.size())
    w: Any = torch.randn(1, 1, requires_grad=True)
    b: Any = torch.zeros(1, 1, requires_grad=True)
    started = perf_counter()
    for step in range(steps):
        values: dict[str, Any] = {"square": x**2}
        values["product"] = w * values["square"]
        values["y_pred"] = values["product"] + b
        values["error"] = y - values["y_pred"]
        values["squared"] = values["error"] ** 2
        values["loss"] = values["squared"].sum()
        inner = ("product", "y_pred", "error", "squared")
        for name in inner:
            values[name].retain_grad()
        values["loss"].backward()
        values |= {f"{name}.grad": values[name].grad for name in inner}
        values |= {"w.grad": w.grad, "b.grad": b.grad, "w": w, "b": b}
        write(step, {name: value.detach().clone() for name, value in values.items()})
        with torch.no_grad():
            w -= 0.001 * w.grad
            b -= 0.001 * b.grad
            w.grad.zero_()
            b.grad.zero_()
    return {"seconds": perf_counter() - started}


def timed(label: str, calls: list[Callable[[], None]]) -> Figures:
    """Seconds at p50 and p95."""
    times: list[float] = []
    for call in calls:
        started = perf_counter()
        call()
        times.append(perf_counter() - started)
    return {f"{label} p50": percentile(times, 0.5), f"{label} p95": percentile(times, 0.95)}


if __name__ == "__main__":
    gradb.manual_seed(0)
    name, folder, steps = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    figures: Figures = globals()[name](folder, steps)
    figures["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(figures))
