"""The scenario's notes at the cursor (before the first, what it is about), and the output up to here."""

from bisect import bisect_right
from collections.abc import Sequence

from gradb.trace.events import Printed, Raised
from gradb.trace.trace import Trace

from gradb_tui.panes.moment import Moment, Note
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.prose import prose
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.wrap import wrap

LAST_PRINTS = 200  # prints that can be scrolled back to


def note_rows(notes: Sequence[Note], here: bool, width: int) -> list[Row]:
    """The notes, marked with `▶` where they belong to the current event and dim where they were said before."""
    rows: list[Row] = []
    for note in notes:
        lines = prose(note.say, width - 2, "plain" if here else "dim")
        marks = [("▶" if here else " ", "now" if here else "plain"), *[(" ", "plain")] * len(lines)]
        rows.extend(row(mark, " ", *line.spans) for mark, line in zip(marks, lines, strict=False))
    return rows


def output_rows(trace: Trace, at: int, width: int) -> tuple[list[Row], bool]:
    """What was printed up to a moment, and whether the event at that moment is a part of it."""
    printed = trace.of_kind("printed")
    place = bisect_right(printed, at)
    numbers = [*printed[max(0, place - LAST_PRINTS) : place], *(n for n in trace.of_kind("raised") if n <= at)]
    rows: list[Row] = []
    for number in numbers:
        event = trace.events[number - 1]
        current = number == at
        if isinstance(event, Raised):
            text, role = f"{event.error}: {event.message}", "bad"
        else:
            assert isinstance(event, Printed)
            text, role = event.text, "value" if current else "plain"
        for line in text.splitlines() or [""]:
            rows.extend(wrap(row(("▶" if current else "│", "now" if current else "dim"), " ", (line, role)), width, 2))
    return rows, bool(numbers) and numbers[-1] == at


class NotesPane(Pane):
    """Notes above, printed output below."""

    pane = "notes"

    def draw(self, moment: Moment) -> None:
        at, notes = moment.said
        width = self.size.width
        rows = note_rows(notes, at == moment.at, width)
        printed, printing = output_rows(moment.trace, moment.at, width)
        if printed:
            rows.append(row((rule("printed up to here", width), "dim")))
            rows.extend(printed)
        if not rows:
            rows = prose(moment.about, width) or [row(("No notes and no output up to here.", "dim"))]
        self.set_rows(rows)
        self.scroll_rows_to(len(rows) if printing else 0)


def rule(text: str, width: int) -> str:
    """A rule across the pane with a word in it."""
    return f"── {text} ".ljust(width, "─")[: max(width, 0)]
