"""The line above, which says what is open and where the cursor is, and the line below, with the keys and messages."""

from collections.abc import Sequence

from gradb.trace.thinned import arrays_in, is_thinned
from rich.cells import cell_len

from gradb_tui.keys import COMMANDS, Command, hints
from gradb_tui.panes.moment import Moment
from gradb_tui.panes.rows import Row, Span, row
from gradb_tui.panes.view import RowsView
from gradb_tui.panes.wrap import shorten

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PULSE = 12  # cells of the bar that shows that a run records


def status_row(title: str, moment: Moment, width: int) -> Row:
    """The title on the left; address and event number on the right, which come first when the width is short."""
    if not moment.at:
        return row((" gradb ", "title"), (shorten(f" {title}", width - 7), "plain"))
    place = f" {moment.trace.address(moment.at)} "
    if moment.trace.lacks_values(moment.at) and any(map(is_thinned, arrays_in(moment.trace.event(moment.at)))):
        place = f" health only {place}"
    count = f" event {moment.at:,} of {len(moment.trace):,} ".replace(",", " ")
    room = width - cell_len(place) - cell_len(count)
    if room < 0:
        return row((shorten(place, width), "strong"))
    left = [(" gradb ", "title"), (shorten(f" {title}", room - 7), "plain")] if room > 12 else []
    used = sum(cell_len(text) for text, _ in left)
    return row(*left, " " * (room - used), (place, "strong"), (count, "dim"))


def hints_row(width: int, commands: Sequence[Command] = COMMANDS) -> Row:
    """The most used keys, as many as fit; help and quit are never left out for the others."""
    pairs = hints(commands)
    while len(pairs) > 1 and sum(len(keys) + len(what) + 3 for keys, what in pairs) > width:
        pairs.pop(-3 if len(pairs) > 2 else 0)
    spans: list[Span] = []
    for keys, what in pairs:
        spans += [(f" {keys}", "key"), (f" {what} ", "dim")]
    return row(*spans)


def recording_row(events: int, seconds: float, width: int, *, stopping: bool) -> Row:
    """That the program still runs: a moving bar, how many events there are, how long it took, how to stop it."""
    tick = int(seconds * 10)
    place = tick % (2 * PULSE)
    place = min(place, 2 * PULSE - place)
    bar = "".join("█" if abs(i - place) < 2 else "░" for i in range(PULSE))
    what = "stopping" if stopping else "recording"
    count = f"{events:,}".replace(",", " ")
    text = f" {SPINNER[tick % len(SPINNER)]} {what} {bar} {count} events  {seconds:.1f} s  "
    return row((shorten(text, width), "strong"), ("Esc", "key"), (" stops it", "dim"))


class StatusBar(RowsView, can_focus=False):
    """The line above."""

    def __init__(self, title: str) -> None:
        super().__init__(id="status")
        self.title = title

    def show(self, moment: Moment) -> None:
        """Shows another moment."""
        self.set_rows([status_row(self.title, moment, self.size.width)])


class BottomBar(RowsView, can_focus=False):
    """The line below: progress, or else a message, or else the keys."""

    def __init__(self, commands: Sequence[Command] = COMMANDS) -> None:
        super().__init__(id="bottom")
        self._message = ""
        self.commands = commands

    def say(self, message: str) -> None:
        """Shows a message in place of the keys; an empty one gives the keys back."""
        if message != self._message or not self.rows:
            self._message = message
            self.draw()

    def progress(self, events: int, seconds: float, *, stopping: bool) -> None:
        """Shows how far a recording is."""
        self.set_rows([recording_row(events, seconds, self.size.width, stopping=stopping)])

    def draw(self) -> None:
        """Shows the message, or the keys where there is none."""
        width = self.size.width
        self.set_rows(
            [row((f" {shorten(self._message, width - 1)}", "warn"))]
            if self._message
            else [hints_row(width, self.commands)]
        )

    def resized(self) -> None:
        self.draw()
