"""A module whose graph was captured: it has the parameters, buffers and state of the module, and runs the graph."""

from typing import Any

from gradb.jit import complaints
from gradb.jit.graph import CapturedGraph
from gradb.jit.signature import Signature
from gradb.nn.module import Module


class ScriptModule(Module):
    """A module that is run by a graph and not by Python code."""


class TracedModule(ScriptModule):
    """The captured form of a module. Its parameters and buffers are those of the module itself.

    `train()` and `eval()` switch `training`, and nothing else: the graph does what was captured.
    """

    def __init__(self, module: Module) -> None:
        super().__init__()
        self.original_name = module.original_name if isinstance(module, TracedModule) else type(module).__name__
        self.training = module.training
        self._parameters.update(module._parameters)
        self._buffers.update(module._buffers)
        for name, inner in module._modules.items():
            self._modules[name] = None if inner is None else TracedModule(inner)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Raises RuntimeError: only the module that was traced has a graph."""
        raise complaints.submodule_called()

    def extra_repr(self) -> str:
        return f"original_name={self.original_name}"

    def _get_name(self) -> str:
        return self.original_name


class TopLevelTracedModule(TracedModule):
    """What `torch.jit.trace` makes of a module."""

    def __init__(self, module: Module, graph: CapturedGraph, signature: Signature) -> None:
        super().__init__(module)
        self._graph = graph
        self._signature = signature

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Runs the captured graph on tensors like those of the example."""
        return self._graph.run(self._signature.tensors(args, kwargs))
