"""`gradb verify`: the same program on gradb and on real PyTorch, compared event by event."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gradb.errors import UserError
from gradb.scenario.sources import open_source
from gradb.verify.report import report
from gradb.verify.verification import Runs

from gradb_tui.cli.output import clean, say
from gradb_tui.cli.progress import progress

if TYPE_CHECKING:
    from gradb.scenario.schema import Limits


def verify_all(sources: Sequence[str], limits: "Limits") -> int:
    """Verifies one source after the other; 0 if all are equal, 1 if one differs, 2 if one could not run."""
    worst = 0
    for source in sources:
        try:
            worst = max(worst, _verify(source, limits))
        except UserError as error:
            say(clean(str(error)))
            worst = 2
    return worst


def _verify(source: str, limits: "Limits") -> int:
    scenario = open_source(source)
    runs = Runs(scenario, limits)
    with progress("verifying", lambda: runs.events):
        found = runs.compare()
    for line in report(source, found):
        print(clean(line))
    return 0 if found.comparison.divergence is None else 1
