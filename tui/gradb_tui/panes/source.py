"""The program: the line of the current event marked, the lines that have events or notes told from the others."""

from collections.abc import Sequence

from gradb.trace.trace import Trace
from textual import events
from textual.message import Message

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.python import python_rows
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.wrap import wrap

EMPTY = (row(("The program's source is not known.", "dim")),)


def line_rows(
    number: int, code: Row, width: int, digits: int, *, sign: str, current: bool, chosen: bool = False
) -> list[Row]:
    """A source line as rows: marker, number, sign (`·` has events, `*` has a note) and the code, wrapped."""
    marker = "▶" if current else ">" if chosen else " "
    role = "line" if current else "chosen" if chosen else "plain"
    gutter = (marker, "now" if current else "key"), (f"{number:>{digits}}", "strong" if current else "dim")
    full = Row((*gutter, (sign, "bad" if sign == "●" else "dim"), (" ", "plain"), *code.spans), role)
    indent = len(code.text) - len(code.text.lstrip()) + digits + 5
    return wrap(full, width, indent)


class SourcePane(Pane):
    """The program's text. A click on a line goes to its next event; `choice` is the line that the keys have chosen."""

    pane = "source"

    class LineClicked(Message):
        """A line was clicked."""

        def __init__(self, line: int) -> None:
            super().__init__()
            self.line = line

    def __init__(self) -> None:
        super().__init__()
        self._code: list[Row] | None = None
        self._with_events: set[int] = set()
        self._counted = 0
        self.choice = 0
        self._plan: tuple[int, int] = (0, 0)
        self._blocks: list[list[Row]] = []  # of each line its rows while it is not the current one
        self._starts: list[int] = []

    def draw(self, moment: Moment) -> None:
        if self._code is None:
            self._code = python_rows(moment.trace.source)
        if not self._code:
            self.set_rows(EMPTY)
            return
        self._count(moment.trace)
        plan = (self.size.width, len(self._with_events))
        if plan != self._plan:
            self._plan = plan
            self._lay_out(self._code, moment)
        line = moment.event.line if moment.event is not None else 0
        shown: list[Row] = []
        for number, block in enumerate(self._blocks, start=1):
            special = number in (line, self.choice) or number in moment.stops
            shown.extend(self._line(moment, number, current=number == line) if special else block)
        self.set_rows(shown)
        if 1 <= line <= len(self._code):
            self.reveal(self._starts[line - 1])

    def forget(self) -> None:
        """The next moment is one of another run of the program."""
        self._with_events.clear()
        self._counted, self._plan = 0, (0, 0)

    def choose(self, line: int) -> None:
        """Chooses a line and brings it in sight."""
        if self.moment is not None and self._code:
            self.choice = max(1, min(line, len(self._code)))
            self.draw(self.moment)
            self.reveal(self._starts[self.choice - 1])

    def action_scroll(self, by: str) -> None:
        line = self.choice or (self.moment.event.line if self.moment is not None and self.moment.event else 1)
        page = max(1, self.size.height - 1)
        self.choose(line + {"page": page, "-page": -page}.get(by, 0 if "page" in by else int(by)))

    def action_choose(self) -> None:
        if self.choice:
            self.post_message(self.LineClicked(self.choice))

    def line_at(self, y: int) -> int:
        """The source line shown in a row of the pane, 0 below the last."""
        index = self.top + y
        if index >= len(self.rows):
            return 0
        return max((n for n, start in enumerate(self._starts, start=1) if start <= index), default=0)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and (line := self.line_at(offset.y)):
            self.post_message(self.LineClicked(line))

    def _count(self, trace: Trace) -> None:
        """Notes the lines that have events by now."""
        total = len(trace)
        if total != self._counted and self._code is not None:
            missing = set(range(1, len(self._code) + 1)) - self._with_events
            self._with_events.update(line for line in missing if trace.on_line(line))
            self._counted = total

    def _lay_out(self, code: Sequence[Row], moment: Moment) -> None:
        self._blocks = [self._line(moment, n, current=False) for n in range(1, len(code) + 1)]
        self._starts = []
        start = 0
        for block in self._blocks:
            self._starts.append(start)
            start += len(block)

    def _line(self, moment: Moment, number: int, *, current: bool) -> list[Row]:
        assert self._code is not None
        noted = any(note.line == number for note in moment.notes)
        sign = "●" if number in moment.stops else "*" if noted else "·" if number in self._with_events else " "
        digits = len(str(len(self._code)))
        return line_rows(
            number,
            self._code[number - 1],
            self.size.width,
            digits,
            sign=sign,
            current=current,
            chosen=number == self.choice,
        )
