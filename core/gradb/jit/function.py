"""A function whose graph was captured: calling it runs the graph."""

from typing import Any

from gradb.jit.graph import CapturedGraph
from gradb.jit.signature import Signature


class ScriptFunction:
    """What `torch.jit.trace` makes of a function. It takes tensors like those of the example, by place or by name."""

    def __init__(self, graph: CapturedGraph, signature: Signature) -> None:
        self._graph = graph
        self._signature = signature

    @property
    def name(self) -> str:
        """The name of the function that was traced."""
        return self._signature.function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._graph.run(self._signature.tensors(args, kwargs))
