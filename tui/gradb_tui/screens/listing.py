"""A page on which one of several entries is chosen: `ChoicePage.fill` gives its entries, each a row or several."""

from collections.abc import Sequence

from textual import events
from textual.message import Message

from gradb_tui.panes.rows import Row
from gradb_tui.panes.wrap import wrap
from gradb_tui.screens.message import Page

Entry = Sequence[tuple[Row, int]]


class ChoicePage(Page):
    """Lines above, then the entries, of which one is marked."""

    class Chosen(Message):
        """The marked entry was taken."""

    def __init__(self, foot: str = "") -> None:
        super().__init__((), foot=foot)
        self.entries: Sequence[Entry] = ()
        self.choice = 0
        self._starts: list[int] = []

    def fill(self, head: Entry, entries: Sequence[Entry], choice: int = 0) -> None:
        """Shows other lines."""
        self.lines, self.entries = head, entries
        self.choice = max(0, min(choice, len(entries) - 1))
        self.refresh(layout=True)
        self.resized()

    def rows_for(self, width: int) -> list[Row]:
        rows = super().rows_for(width)
        self._starts = []
        for i, entry in enumerate(self.entries):
            self._starts.append(len(rows))
            for line, indent in entry:
                rows += [Row(one.spans, "line" if i == self.choice else one.role) for one in wrap(line, width, indent)]
        return rows

    def choose(self, choice: int) -> None:
        """Marks another entry."""
        if self.entries:
            self.choice = max(0, min(choice, len(self.entries) - 1))
            self.resized()
            self.reveal(self._starts[self.choice])

    def action_scroll(self, by: str) -> None:
        if self.entries and by.lstrip("-").isdecimal():
            self.choose(self.choice + int(by))
        else:
            super().action_scroll(by)

    def action_choose(self) -> None:
        self.post_message(self.Chosen())

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None:
            before = [i for i, start in enumerate(self._starts) if start <= self.top + offset.y]
            if before:
                self.choose(before[-1])
