"""A training step of an MLP 784-256-10 on a batch of 128: gradb with and without recording, and PyTorch eager."""

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any

import gradb
import numpy as np

from bench.pairs import interleaved, ratio
from bench.table import Row

ROUNDS = 25
STEPS = 10


def training(torch: Any) -> Callable[[], Any]:
    """A function that trains for some steps and returns the loss."""
    draw = np.random.default_rng(0)
    x: Any = torch.tensor(draw.normal(size=(128, 784)).astype(np.float32))
    y = torch.tensor(draw.integers(0, 10, 128))
    model = torch.nn.Sequential(torch.nn.Linear(784, 256), torch.nn.ReLU(), torch.nn.Linear(256, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    loss_of = torch.nn.CrossEntropyLoss()

    def train() -> float:
        loss: Any = None
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
        return float(loss.detach())

    return train


def measure() -> list[Row]:
    """The ratios between them."""
    plain, train = training(gradb), training(gradb)

    def recorded() -> None:
        with gradb.record():
            train()

    runs: dict[str, Callable[[], Any]] = {"plain": plain, "recorded": recorded}
    if importlib.util.find_spec("torch") is not None:
        torch: Any = importlib.import_module("torch")
        torch.set_num_threads(1)
        runs["torch"] = training(torch)
    times = interleaved(runs, ROUNDS)

    def row(text: str, name: str, to: str, goal: float | None = None) -> Row:
        spent = f"{min(times[name]) / STEPS * 1e3:.2f} ms a step"
        if to not in times:
            return Row(f"MLP 784-256-10, {text}", None, "x", goal, f"no torch here; {spent}")
        note = f"{spent} to {min(times[to]) / STEPS * 1e3:.2f} ms"
        return Row(f"MLP 784-256-10, {text}", ratio(times, name, to), "x", goal, note)

    return [
        row("recording off / PyTorch eager", "plain", "torch", 1.3),
        row("recording on / PyTorch eager", "recorded", "torch"),
        row("recording on / recording off", "recorded", "plain"),
    ]
