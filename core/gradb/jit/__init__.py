"""What `torch.jit` means to a program: `trace(function, example_inputs)` captures the graph of a function once.

Python decides at each call which ops run: the graph is dynamic. A captured graph is static: later calls run the
captured ops, whatever the Python code would now do.
"""

from gradb.jit.complaints import TracerWarning as TracerWarning
from gradb.jit.function import ScriptFunction as ScriptFunction
from gradb.jit.module import ScriptModule as ScriptModule
from gradb.jit.module import TopLevelTracedModule as TopLevelTracedModule
from gradb.jit.module import TracedModule as TracedModule
from gradb.jit.tracing import trace as trace

__all__ = ["ScriptFunction", "ScriptModule", "TopLevelTracedModule", "TracedModule", "TracerWarning", "trace"]
