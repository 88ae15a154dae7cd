"""Scenario files for pytest: `ScenarioFile` gives a test for each expectation, and for how the program ends.

The program runs when the first test of its file does, once in each process. Where it cannot run, that test tells why
and the others are skipped.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from gradb.debug.cleaning import clean, harmless
from gradb.errors import UserError
from gradb.scenario.claims import RaisesClaim
from gradb.scenario.loader import parse, read_text
from gradb.scenario.scenario import Scenario
from gradb.testing.naming import item_names
from gradb.testing.outcomes import Outcomes


class ScenarioFile(pytest.File):
    """A scenario file; its program has not run when its tests are known."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each claim, `ends` where no claim is about the end, `verify` where that was asked for.

        A file that is no scenario has one test, which tells every mistake in it.
        """
        try:
            scenario = parse(read_text(self.path), _shown(self.path, self.config), self.path.parent)
        except UserError as error:
            yield Mistaken.from_parent(self, name="scenario", error=error)
            return
        outcomes = Outcomes(scenario)
        for place, name in enumerate(item_names(scenario.claims)):
            line = int(scenario.claims[place].place.rsplit(":", 2)[1])
            yield Expectation.from_parent(self, name=name, line=line, outcomes=outcomes, place=place)
        if not any(isinstance(claim, RaisesClaim) for claim in scenario.claims):
            place, line = len(scenario.claims), scenario.first_line
            yield Expectation.from_parent(self, name="ends", line=line, outcomes=outcomes, place=place)
        if self.config.getoption("gradb_verify"):
            yield Verified.from_parent(self, name="verify", line=scenario.first_line, scenario=scenario)


class ScenarioItem(pytest.Item):
    """A test that stands on a line of a scenario file."""

    def __init__(self, *, line: int = 1, **rest: Any) -> None:
        super().__init__(**rest)
        self.line = line

    def reportinfo(self) -> tuple[Path, int, str]:
        """The file, the line from 0, and what the test is called above its failure.

        That begins with the file, because pytest takes a bare name for Python's and puts `::` for its dots.
        """
        return self.path, self.line - 1, f"{self.path.name}: {self.name}"


class Mistaken(ScenarioItem):
    """A file that cannot be read as a scenario."""

    def __init__(self, *, error: UserError, **rest: Any) -> None:
        super().__init__(**rest)
        self.error = error

    def setup(self) -> None:
        """Tells the mistakes."""
        pytest.fail(harmless(clean(str(self.error))), pytrace=False)

    def runtest(self) -> None:
        """Not reached: `setup` fails."""


class Expectation(ScenarioItem):
    """One expectation of a scenario."""

    def __init__(self, *, outcomes: Outcomes, place: int, **rest: Any) -> None:
        super().__init__(**rest)
        self.outcomes = outcomes
        self.place = place

    def setup(self) -> None:
        """Runs the program, if no test of this file has done so."""
        self.outcomes.run(asked_by=self.nodeid)
        if self.outcomes.teller == self.nodeid:
            pytest.fail(self.outcomes.error, pytrace=False)
        if self.outcomes.error:
            pytest.skip(f"the scenario cannot run: see {self.outcomes.teller}")

    def runtest(self) -> None:
        """Fails where the expectation does not hold."""
        failure = self.outcomes.failure(self.place)
        if failure:
            pytest.fail(failure, pytrace=False)


class Verified(ScenarioItem):
    """A scenario's program on PyTorch, compared with the run on gradb event by event."""

    def __init__(self, *, scenario: Scenario, **rest: Any) -> None:
        super().__init__(**rest)
        self.scenario = scenario

    def setup(self) -> None:
        """Needs PyTorch."""
        if find_spec("torch") is None:
            pytest.skip("PyTorch is not installed: pip install 'gradb[parity]'")

    def runtest(self) -> None:
        """Fails where the two runs differ, or where one of them cannot go on to its end."""
        from gradb.verify.report import report
        from gradb.verify.verification import verify

        try:
            found = verify(self.scenario)
            differs = found.comparison.divergence is not None
            text = "\n".join(report(self.scenario.filename, found)) if differs else ""
        except UserError as error:
            text = str(error)
        if text:
            pytest.fail(harmless(clean(text)), pytrace=False)


def _shown(path: Path, config: pytest.Config) -> str:
    """How messages call a file: as seen from where pytest was started, else as it is."""
    folder = config.invocation_params.dir
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)
