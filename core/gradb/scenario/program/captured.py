"""Captured graphs of a program: `watched_trace(trace)` holds their steps to the bounds of the program's own code.

What a step makes was looked at while the function ran on its example. A later call may give it larger tensors.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from msgspec.structs import replace

from gradb.autograd.tensor import Tensor
from gradb.jit.graph import CapturedGraph
from gradb.scenario.program.numeric import check_elements


class Watched:
    """The function of a step. A tensor that it gives may be a view that stands for more elements than fit in memory."""

    __slots__ = ("function",)

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        result = self.function(*args, **kwargs)
        for made in result if isinstance(result, tuple) else (result,):
            if isinstance(made, Tensor):
                check_elements(made.numel())
        return result


def watched_trace(trace: Callable[..., Any]) -> Callable[..., Any]:
    """`torch.jit.trace` for programs."""

    @wraps(trace)
    def inside(*args: Any, **kwargs: Any) -> Any:
        made = trace(*args, **kwargs)
        graph: Any = getattr(made, "_graph", None)
        if isinstance(graph, CapturedGraph):
            graph.steps = [step if type(step.function) is Watched else _watched(step) for step in graph.steps]
        return made

    return inside


def _watched(step: Any) -> Any:
    return replace(step, function=Watched(step.function))
