"""The timeline: above, the whole run; below, the current step with its phases, one sign per event. Clicks go there."""

from collections.abc import Sequence
from dataclasses import dataclass

from gradb.trace.trace import Trace
from textual import events
from textual.message import Message

from gradb_tui.panes.event import GLYPHS
from gradb_tui.panes.moment import Moment
from gradb_tui.panes.rows import Row, Span, row, visible
from gradb_tui.panes.view import RowsView

LABEL = 6  # "step  " in front of each bar


@dataclass(frozen=True, slots=True)
class Scale:
    """Events `first` to `last` on a bar of `cells`: `each` cells for every event, or 0 to spread them over the bar."""

    first: int
    last: int
    cells: int
    each: int = 0

    def cell(self, number: int) -> int:
        """The cell of an event, -1 where the bar has no cells."""
        if self.each:
            return (number - self.first) * self.each
        return min((number - self.first) * (self.cells - 1) // max(1, self.last - self.first), self.cells - 1)

    def event(self, cell: int) -> int:
        """The first event at a cell or after it, at most the last."""
        low, high = self.first, self.last
        while low < high:
            middle = (low + high) // 2
            if self.cell(middle) < cell:
                low = middle + 1
            else:
                high = middle
        return low

    @property
    def end(self) -> int:
        """The cell after the last event's."""
        return (self.last - self.first + 1) * self.each if self.each else self.cells


def run_scale(trace: Trace, width: int, tail: str) -> Scale:
    """The whole run on what the label and the tail leave of the width."""
    return Scale(1, len(trace), max(0, width - LABEL - len(tail)))


def step_scale(trace: Trace, at: int, width: int, tail: str) -> Scale:
    """The current step; up to three cells an event where there is room."""
    first, last = trace.step_span(trace.step_of(at))
    cells = max(0, width - LABEL - len(tail))
    return Scale(first, last, cells, min(3, cells // (last - first + 1)))


def run_tail(trace: Trace, at: int, width: int) -> str:
    """Which step this is, and where there is room for it which turn of each loop: ` · epoch 2 · batch 3`."""
    step = trace.step_of(at)
    tail = f" step {step} of {trace.steps}"
    turns = trace.turns_of(step) if len(trace) else ()
    if len(turns) == 1 and turns[0].number == step:
        return tail  # one loop whose turns are the steps
    told = "".join(f" · {visible(turn.loop)} {turn.number}" for turn in turns)
    return tail + told if len(tail + told) <= width // 2 else tail


def step_tail(trace: Trace, at: int) -> str:
    """Which phase this is and how far in it."""
    phase = trace.phase_of(at)
    start, end = trace.phase_span(at)
    return f" {GLYPHS[phase]} {phase} {at - start + 1} of {end - start + 1}"


def run_row(trace: Trace, at: int, width: int, bookmarks: Sequence[int] = ()) -> Row:
    """The whole run as a line with the cursor on it, the step, and `◈` at each bookmark.

    Where loops are nested, a cross line stands where a turn of the outermost, such as an epoch, begins.
    """
    tail = run_tail(trace, at, width)
    scale = run_scale(trace, width, tail)
    place = max(0, scale.cell(at))
    past, rest = ["━"] * min(place, scale.cells), ["─"] * (scale.cells - place - 1)
    borders = _borders(trace, scale.cells)
    for numbers, sign in ((borders, "╋┼"), (bookmarks, "◈◈")):
        for number in numbers:
            cell = scale.cell(number)
            if 0 <= cell < place:
                past[cell] = sign[0]
            elif place < cell < scale.cells:
                rest[cell - place - 1] = sign[1]
    past, rest = "".join(past), "".join(rest)
    return row(("run   ", "dim"), (past, "plain"), ("●"[: scale.cells], "now"), (rest, "ahead"), tail)


def _borders(trace: Trace, cells: int) -> list[int]:
    """The first events of the turns of the outermost loop, but the first; none where they would fill the bar."""
    turns = trace.loops.borders()
    return [since for since, _ in turns[1:]] if len(turns) <= cells // 4 else []


def step_row(trace: Trace, at: int, width: int) -> Row:
    """The events of the current step by phase, with the cursor among them, and the place in the phase."""
    tail = step_tail(trace, at)
    scale = step_scale(trace, at, width, tail)
    cursor = scale.cell(at)
    spans: list[Span] = []
    for name, from_event, to_event in trace.phase_spans(trace.step_of(at)):
        left = scale.cell(from_event)
        right = scale.end if to_event == scale.last else scale.cell(to_event + 1)
        bar = "".join(" " if scale.each and i % scale.each else GLYPHS[name] for i in range(right - left))
        cut = cursor - left
        if 0 <= cut < len(bar):
            spans += [(bar[:cut], name), (bar[cut], "now"), (bar[cut + 1 :], "ahead")]
        else:
            spans.append((bar, name if cut >= len(bar) else "ahead"))
    return row(("step  ", "dim"), *spans, " " * (scale.cells - scale.end), (tail, trace.phase_of(at)))


class TimelineBar(RowsView, can_focus=False):
    """Two rows: the run and the step."""

    class Sought(Message):
        """A place on the timeline was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__(id="timeline")
        self.moment: Moment | None = None
        self.bookmarks: Sequence[int] = ()

    def show(self, moment: Moment, bookmarks: Sequence[int] = ()) -> None:
        """Shows another moment."""
        self.moment, self.bookmarks = moment, bookmarks
        width = self.size.width
        if not moment.at:
            return
        rows = [run_row(moment.trace, moment.at, width, bookmarks), step_row(moment.trace, moment.at, width)]
        self.set_rows(rows[2 - min(2, self.size.height) :])

    def resized(self) -> None:
        if self.moment is not None:
            self.show(self.moment, self.bookmarks)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self._seek(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if event.button:
            self._seek(event)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def _seek(self, event: events.MouseEvent) -> None:
        offset = event.get_content_offset_capture(self)
        if self.moment is None or not self.moment.at:
            return
        trace, at, width = self.moment.trace, self.moment.at, self.size.width
        whole = len(self.rows) == 2 and offset.y <= 0
        scale = run_scale(trace, width, run_tail(trace, at, width))
        if not whole:
            scale = step_scale(trace, at, width, step_tail(trace, at))
        self.post_message(self.Sought(scale.event(max(0, offset.x - LABEL))))
