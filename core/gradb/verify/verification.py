"""Running a program on gradb and on real PyTorch: `verify(scenario)` compares the two runs event by event."""

from msgspec import Struct

from gradb.errors import UserError
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


class Runs:
    """Both runs of a scenario, not begun.

    Raises UserError where PyTorch is not installed, and for a trace file without the program or without the values.
    """

    def __init__(self, scenario: Scenario, limits: Limits = NO_LIMITS) -> None:
        if scenario.saved and not scenario.program:
            raise UserError("the trace does not have the program that was run", where=scenario.saved)
        self._theirs = TorchRun(scenario, budget(scenario.limits, limits))
        self._ours = start(scenario, limits)
        lacks = self._ours.trace.thinning
        if lacks:
            fix = "compare the scenario itself, or a run that was recorded with --keep all"
            raise UserError(f"there is not enough to compare: {lacks}", where=scenario.saved, fix=fix)

    @property
    def events(self) -> int:
        """How many events there are so far, in both runs together."""
        return len(self._ours.trace) + len(self._theirs.trace)

    def compare(self) -> Verification:
        """Runs the program on both and compares. Raises UserError where a run cannot go on to its end."""
        ours = self._ours.run()
        theirs = self._theirs.run()
        return Verification(ours, theirs, compare(ours, theirs))


def verify(scenario: Scenario, limits: Limits = NO_LIMITS) -> Verification:
    """Runs the scenario on both engines and compares. Raises UserError as `Runs` does."""
    return Runs(scenario, limits).compare()
