"""What the scenario watches, and every other variable, each in one line; Enter keeps the tensor pane on one."""

from gradb.trace.numbers import brief
from gradb.trace.trace import Trace
from textual import events
from textual.message import Message

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.soundness import health_of
from gradb_tui.panes.tensor_facts import shape_text
from gradb_tui.panes.wrap import shorten

MOST = 200  # variables that are listed


def watched(trace: Trace, watch: tuple[str, ...]) -> list[str]:
    """The names to list: what the scenario watches, then the program's variables in the order they came to be."""
    return [*watch, *(name for name in list(trace.bindings)[:MOST] if name not in watch)]


def watch_row(trace: Trace, name: str, at: int, width: int, column: int, *, pinned: bool, chosen: bool) -> Row:
    """A variable in one line: `○` a leaf that requires grad, `‹` a constant, `□` a result; its value or its size."""
    tensor = trace.lookup(name, at)
    state = None if tensor is None else trace.state(tensor, at)
    mark = ("◉" if pinned else ">" if chosen else " ", "now" if pinned or chosen else "plain")
    label = shorten(name, column).ljust(column)
    role = "line" if chosen else "plain"
    if state is None:
        none = "None" if name.endswith(".grad") else "not yet"
        return row(mark, "  ", (label, "dim"), " ", (none, "dim"), role=role)
    kind = "□" if not state.is_leaf else "○" if state.requires_grad else "‹"
    text = brief(state.array)
    if state.array.size > 4:
        sound = health_of(state.array)
        broken = f" NaN {sound.nan}" * bool(sound.nan) + f" Inf {sound.inf}" * bool(sound.inf)
        text = f"{shape_text(state.array.shape)} norm {sound.norm:.4g}{broken}"
    value = shorten(text, max(1, width - column - 4))
    return row(mark, (kind, "dim"), " ", (label, "strong"), " ", (value, "value"), role=role)


class WatchPane(Pane):
    """The list of variables, with one of them chosen while the pane has the focus."""

    pane = "watch"

    class Chosen(Message):
        """A variable was chosen to be looked at."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.choice = 0

    def draw(self, moment: Moment) -> None:
        trace = moment.trace
        self.names = watched(trace, moment.watch)
        if not self.names:
            self.set_rows([row(("No variables yet.", "dim"))])
            return
        self.choice = min(self.choice, len(self.names) - 1)
        column = min(max(map(len, self.names)), max(6, self.size.width // 3))
        pin = "" if moment.pin is None else moment.pin.name
        self.set_rows(
            [
                watch_row(
                    trace,
                    name,
                    moment.at,
                    self.size.width,
                    column,
                    pinned=bool(pin) and name.removesuffix(".grad") == pin,
                    chosen=self.has_focus and i == self.choice,
                )
                for i, name in enumerate(self.names)
            ]
        )

    def choose(self, index: int) -> None:
        """Moves the choice."""
        if self.moment is not None and self.names:
            self.choice = max(0, min(index, len(self.names) - 1))
            self.draw(self.moment)
            self.reveal(self.choice)

    def action_scroll(self, by: str) -> None:
        page = max(1, self.size.height - 1)
        self.choose(self.choice + {"page": page, "-page": -page}.get(by, 0 if "page" in by else int(by)))

    def action_choose(self) -> None:
        if self.names:
            self.post_message(self.Chosen(self.names[self.choice].removesuffix(".grad")))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and self.top + offset.y < len(self.names):
            self.choose(self.top + offset.y)
            self.action_choose()

    def on_focus(self) -> None:
        self.choose(self.choice)

    def on_blur(self) -> None:
        if self.moment is not None:
            self.draw(self.moment)
