"""Running a program on gradb and on real PyTorch: `verify(scenario)` compares the two runs event by event."""

from msgspec import Struct

from gradb.scenario.runner import NO_LIMITS, budget, start
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.trace.trace import Trace
from gradb.verify.comparison import Comparison, compare
from gradb.verify.pytorch.running import TorchRun


class Verification(Struct, frozen=True):
    """The trace on gradb, the trace on PyTorch, and what they have in common."""

    ours: Trace
    theirs: Trace
    comparison: Comparison


def verify(scenario: Scenario, limits: Limits = NO_LIMITS) -> Verification:
    """Runs the scenario on both engines. It ends where the runs part for the first time.

    Raises UserError where PyTorch is not installed, or where a run cannot go on to its end.
    """
    on_torch = TorchRun(scenario, budget(scenario.limits, limits))
    ours = start(scenario, limits).run()
    theirs = on_torch.run()
    return Verification(ours, theirs, compare(ours, theirs))
