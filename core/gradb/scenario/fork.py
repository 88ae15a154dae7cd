"""What if: `fork(scenario, at_event, changes)` runs a program again and changes something on the way.

A program cannot be resumed, so a fork runs it from its start; up to the event it does what the first run did.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from gradb.errors import UserError
from gradb.scenario.changes import Change, ChangingRecorder, NumberChange
from gradb.scenario.literals import Literal, literals, with_names, with_values
from gradb.scenario.program.budget import Budget
from gradb.scenario.runner import NO_LIMITS, Run, budget
from gradb.scenario.scenario import Scenario
from gradb.scenario.schema import Limits
from gradb.trace.recorder import Recorder


class ForkRun(Run):
    """A run with changes, not begun. `original` is the scenario as it was; the trace shows its source.

    After `run()`, `changed_at` is the moment at which the changes were made, None where the program ended before,
    `inserted` the number of events that they are, and `problems` says of each change that could not be made why.
    """

    def __init__(self, scenario: Scenario, allowed: Budget, at_event: int, changes: Sequence[Change]) -> None:
        super().__init__(scenario, allowed)
        self.original = scenario
        self.at_event = at_event
        self.changes = tuple(changes)
        chosen = {literal: change.value for change in changes for literal in _chosen(scenario.program, change)}
        self._numbers: dict[str, int | float] = {}
        if chosen and not at_event:
            self.scenario = replace(scenario, program=with_values(scenario.program, chosen))
        elif chosen:
            program, names = with_names(scenario.program, list(chosen))
            self.scenario = replace(scenario, program=program)
            self._numbers = {names[literal]: value for literal, value in chosen.items()}
        self._changing: ChangingRecorder | None = None

    @property
    def changed_at(self) -> int | None:
        """The moment of the changes."""
        return None if self._changing is None else self._changing.changed_at

    @property
    def inserted(self) -> int:
        """How many events the changes are: one for each new value, none for a number."""
        return 0 if self._changing is None else self._changing.inserted

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be changed, and why."""
        if self._changing is None:
            return ()
        if self._changing.changed_at is None:
            return (f"no statement begins after event #{self.at_event}, so nothing was changed",)
        return tuple(self._changing.problems)

    def _recorder(self) -> Recorder:
        self._changing = ChangingRecorder(self.trace, self.at_event, self.changes, self._numbers)
        return self._changing


def fork(scenario: Scenario, at_event: int, changes: Sequence[Change], limits: Limits = NO_LIMITS) -> ForkRun:
    """A run, not begun, that makes the changes before the first statement that begins after event `at_event`, which
    is 0 for the first statement of all.

    Raises UserError where a change names a number that the program does not have.
    """
    return ForkRun(scenario, budget(scenario.limits, limits), at_event, changes)


def _chosen(source: str, change: Change) -> list[Literal]:
    """The literals that a change is for. Raises UserError where there is none, or which one is not clear."""
    if not isinstance(change, NumberChange):
        return []
    there = literals(source)
    if change.name and not change.line:
        return [one for one in there if one.name == change.name]
    on_line = [one for one in there if one.line == change.line]
    found = [one for one in on_line if change.old in (None, one.value) and change.name in ("", one.name)]
    if len({one.value for one in found}) != 1:
        numbers = ", ".join(one.text for one in on_line) or "none: there is no number on this line"
        old = "" if change.old is None else f"{change.old:g} "
        raise UserError(f"line {change.line}: which number {old}is meant is not clear", allowed=numbers)
    return found
