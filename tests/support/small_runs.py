"""Programs as scenarios: `scenario(program)` has the text as its program, `traced(program)` is the trace of its run."""

from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.trace import Trace

TRAINING = """\
import torch
w = torch.tensor([3.0], requires_grad=True)
for step in range(4):
    loss = (w * w).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad = None
print("done")
"""


def scenario(program: str, *keys: str) -> Scenario:
    """A scenario in a file called s.yaml; `keys` are more lines of it, such as `watch: [w]`."""
    indented = "".join(f"  {line}\n" for line in program.splitlines())
    return parse("\n".join(["title: T", *keys, f"program: |\n{indented}"]), "s.yaml")


def traced(program: str) -> Trace:
    """What a run of the program records."""
    return run(scenario(program))
