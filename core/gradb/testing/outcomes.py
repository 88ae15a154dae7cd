"""What a scenario's run says of each expectation: `Outcomes(scenario).of(place)` runs the program when first asked."""

from gradb.debug.cleaning import clean, harmless
from gradb.errors import UserError
from gradb.scenario.expectations import check
from gradb.scenario.runner import start
from gradb.scenario.scenario import Scenario
from gradb.scenario.verdict_text import failure_text


class Outcomes:
    """The outcomes of one scenario in this process. The trace is let go once every expectation has been checked."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.error = ""
        self.teller = ""  # the test that tells the error
        self._failures: list[str] | None = None

    def run(self, asked_by: str) -> None:
        """Runs the program, unless it has run already. `error` then says why it could not, empty where it could."""
        if self._failures is not None or self.error:
            return
        try:
            trace = start(self.scenario).run()
        except UserError as error:
            self.error, self.teller = harmless(clean(str(error))), asked_by
            return
        verdicts = check(self.scenario, trace)
        self._failures = [
            "" if verdict.holds else harmless(clean(failure_text(verdict, trace, self.scenario)))
            for verdict in verdicts
        ]

    def failure(self, place: int) -> str:
        """Why the expectation at a place (from 0) fails, empty where it holds. `run` has been called.

        The place after the last expectation stands for a program that ends without an error nobody expects.
        """
        assert self._failures is not None
        return self._failures[place] if place < len(self._failures) else ""
