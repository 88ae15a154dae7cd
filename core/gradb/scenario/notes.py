"""What to tell the reader while the cursor is at an event: `notes_at(scenario, trace, n)`."""

from gradb.scenario.scenario import Scenario
from gradb.trace.trace import Trace


def notes_at(scenario: Scenario, trace: Trace, number: int) -> list[str]:
    """The notes (Markdown) whose address event `number` lies at, in the order of the file."""
    return [note.say for note in scenario.notes if trace.matches(note.at, number)]
