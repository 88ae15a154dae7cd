"""What is watched, the breakpoints' conditions, and every other variable; Enter keeps the tensor pane on one."""

from gradb.debug.builtin_conditions import OTHER_NAMES, RULES
from gradb.debug.vocabulary import WORDS
from gradb.debug.watching import first_name, seen
from gradb.trace.numbers import brief
from gradb.trace.trace import Trace
from rich.cells import cell_len
from textual import events
from textual.message import Message

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.soundness import health_of
from gradb_tui.panes.tensor_facts import shape_text
from gradb_tui.panes.wrap import shorten

MOST = 200  # variables that are listed


def watched(trace: Trace, at: int, watch: tuple[str, ...], conditions: tuple[str, ...] = ()) -> list[str]:
    """What to list: what is watched, the conditions, then the program's variables in the order they came to be.

    A parameter has a name in each module around it (`0.weight`, `model.0.weight`): the first one will do.
    """
    first = dict.fromkeys([*watch, *conditions])
    rest: list[str] = []
    listed: set[int] = set()
    for name in list(trace.bindings)[:MOST]:
        tensor = trace.lookup(name, at)
        if name not in first and not ("." in name and tensor in listed):
            rest.append(name)
        if tensor is not None:
            listed.add(tensor)
    return [*first, *rest]


def is_name(trace: Trace, text: str) -> bool:
    """Whether a text names a variable or its gradient, there or to come, and is no expression."""
    if text in trace.bindings or text.removesuffix(".grad") in trace.bindings:
        return True
    return text.isidentifier() and text not in (*RULES, *OTHER_NAMES, *WORDS)


def expression_row(trace: Trace, text: str, at: int, width: int, *, stops: bool, chosen: bool) -> Row:
    """An expression and its value; a condition with whether it holds and the values in it. `●` stops a walk."""
    found = seen(text, trace, at)
    mark = (">" if chosen else " ", "now" if chosen else "plain")
    sign = ("●", "bad") if stops else ("=", "dim")
    label = shorten(text, max(8, width * 2 // 3))
    verdict = "" if found.holds is None else "true  " if found.holds else "false  "
    role = "warn" if found.wrong else "good" if found.holds else "value" if found.holds is None else "dim"
    value = shorten(f"{verdict}{found.text}", max(1, width - cell_len(label) - 4))
    return row(mark, sign, " ", (label, "strong"), " ", (value, role), role="line" if chosen else "plain")


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
        self.names = watched(trace, moment.at, moment.watch, moment.conditions)
        if not self.names:
            self.set_rows([row(("No variables yet.", "dim"))])
            return
        self.choice = min(self.choice, len(self.names) - 1)
        plain = [name for name in self.names if is_name(trace, name)]
        column = min(max(map(len, plain), default=0), max(6, self.size.width // 3))
        self.set_rows([self._row(moment, i, column) for i in range(len(self.names))])

    def _row(self, moment: Moment, index: int, column: int) -> Row:
        name, width = self.names[index], self.size.width
        chosen = self.has_focus and index == self.choice
        if not is_name(moment.trace, name):
            stops = name in moment.conditions
            return expression_row(moment.trace, name, moment.at, width, stops=stops, chosen=chosen)
        pinned = moment.pin is not None and bool(moment.pin.name) and name.removesuffix(".grad") == moment.pin.name
        return watch_row(moment.trace, name, moment.at, width, column, pinned=pinned, chosen=chosen)

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
        if self.names and self.moment is not None:
            text = self.names[self.choice]
            name = text.removesuffix(".grad") if is_name(self.moment.trace, text) else first_name(text)
            if name:
                self.post_message(self.Chosen(name))

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
