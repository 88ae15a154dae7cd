"""`gradb diff`: two runs side by side, and the first event at which they part."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gradb.debug.alignment import Alignment, Keep, engine
from gradb.debug.comparing import SameText, Tolerance
from gradb.debug.run_difference import RunDifference
from gradb.errors import UserError
from gradb.scenario.schema import Limits
from gradb.trace.trace import Trace
from gradb.verify.sequence import Inner, is_compared
from gradb.verify.text import same_text

from gradb_tui.cli.diff_report import print_report
from gradb_tui.cli.diff_side import Side, is_trace_file, open_side
from gradb_tui.cli.diff_update import accept
from gradb_tui.cli.output import say
from gradb_tui.cli.progress import progress

ONE_ENGINE = Tolerance(1e-6, 0.0)
TWO_ENGINES = Tolerance(1e-4, 1e-4)  # each rounds in its own way, and the differences add up from step to step


@dataclass(frozen=True, slots=True)
class Options:
    """`engine` is that of B; a tolerance that is None is the default for the engines."""

    limits: Limits
    engine: str = ""
    relative: float | None = None
    absolute: float | None = None
    update: bool = False


def diff(left: str, right: str | None, options: Options) -> int:
    """Compares two runs: 0 where they are equal, 1 where they differ. With `update` B becomes A, and 0 is returned.

    Raises UserError where a run cannot be read or cannot come to its end, or where A cannot be written.
    """
    if right is None and not options.engine:
        raise UserError(
            "there is nothing to compare with", allowed="a second source, or the same one with --engine torch"
        )
    if options.update and not is_trace_file(left):
        raise UserError("only a recorded run can be updated", where=left, allowed="a file that ends in .gradb")
    fresh = options.update and not Path(left).exists()
    one = None if fresh else open_side(left, options.limits)
    other = open_side(left if right is None else right, options.limits, options.engine)
    if one is None:
        accept(Path(left), other)
        say(f"{left} is new: {other.about}")
        return 0
    found = _compare(one, other, options)
    if found.first is None:
        return 0
    if not options.update:
        return 1
    accept(Path(left), other, one)
    say(f"{left} is now the run of {other.name}: {other.about}")
    return 0


def _compare(one: Side, other: Side, options: Options) -> RunDifference:
    """Compares the runs and prints what was found."""
    alone = engine(one.trace) == engine(other.trace)
    usual = ONE_ENGINE if alone else TWO_ENGINES
    tolerance = Tolerance(
        usual.relative if options.relative is None else options.relative,
        usual.absolute if options.absolute is None else options.absolute,
    )
    keep = (None, None) if alone else (_told_by_both(one.trace), _told_by_both(other.trace))
    text: SameText | None = None if alone else partial(_same_text, max(one.trace.steps, 1))
    found = RunDifference(Alignment(one.trace, other.trace, *keep), tolerance, text)
    with progress("comparing", lambda: found.compared, len(one.trace) + len(other.trace)):
        found.find()
    print_report(one, other, found, tolerance)
    return found


def _told_by_both(trace: Trace) -> Keep:
    """Which events of a run any engine would tell."""
    inner = Inner(trace)
    return lambda number: is_compared(trace, number, inner)


def _same_text(steps: int, one: str, other: str) -> bool:
    return same_text(one, other, steps) is not False
