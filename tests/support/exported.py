"""Runs for tests of exports: `trained()` is a small training of three steps, `trace_of(program)` any program's."""

from functools import cache
from textwrap import indent

from gradb.export.writing import Request, pieces
from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.trace.trace import Trace

TRAINING = """\
import torch
torch.manual_seed(0)
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
w = torch.tensor([[0.5], [-0.5]], requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1)
for step in range(3):
    y = x @ w + b
    loss = (y ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
NOT_FINITE = """\
import torch
w = torch.tensor([1.0, 0.0, float("inf")], requires_grad=True)
one = torch.tensor(float("nan"))
loss = (w / w).sum()
loss.backward()
with torch.no_grad():
    w -= 0.1 * w.grad
"""


def trace_of(program: str, title: str = "T") -> Trace:
    """The trace of a program of a scenario."""
    return run(parse(f"title: {title!r}\nprogram: |\n{indent(program, '  ')}", "made.yaml"))


@cache
def trained() -> Trace:
    """Three steps of a linear regression with the variables x, w, b, y and loss."""
    return trace_of(TRAINING)


@cache
def not_finite() -> Trace:
    """One step with NaN and Inf in values, gradients and the loss."""
    return trace_of(NOT_FINITE)


def exported(trace: Trace, format_: str, **request: object) -> bytes:
    """A whole export; the keywords are those of Request."""
    return b"".join(pieces(trace, format_, Request(**request)))  # pyright: ignore[reportArgumentType]
