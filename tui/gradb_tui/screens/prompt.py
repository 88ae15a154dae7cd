"""The line at the bottom that takes an address, a command or a search: `PromptScreen(":", session)` gives the text."""

from collections.abc import Sequence
from typing import ClassVar

from gradb.scenario.setting import targets
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Input, Static

from gradb_tui.prompt import complete
from gradb_tui.screens.about import name_of
from gradb_tui.session import Session

OFFERED = 12


class Fitting(Suggester):
    """Suggests the first line that fits."""

    def __init__(self, screen: "PromptScreen") -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._screen = screen

    async def get_suggestion(self, value: str) -> str | None:
        return next(iter(self._screen.fitting(value)), None)


class PromptScreen(ModalScreen[str | None]):
    """Enter takes the line, Escape leaves; Tab completes it, ↑ and ↓ go through earlier lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab", "complete", show=False, priority=True),
        Binding("up", "history(-1)", show=False, priority=True),
        Binding("down", "history(1)", show=False, priority=True),
    ]

    def __init__(self, sign: str, session: Session, history: list[str]) -> None:
        super().__init__()
        self.sign, self.session = sign, session
        self.history = history
        nodes = session.timeline.graph().nodes if session.timeline.at else ()
        self.node_names = [name_of(node) for node in nodes]
        self.changes = _changes(session) if sign == ":" else []
        self._place = len(self.history)
        self._tried: list[str] = []

    def compose(self) -> ComposeResult:
        yield Static("", id="fitting", markup=False)
        with Horizontal(id="prompt"):
            yield Static(f" {self.sign} ", id="sign", markup=False)
            yield Input(suggester=Fitting(self), compact=True, select_on_focus=False)

    def fitting(self, text: str) -> Sequence[str]:
        """The lines that the text may become."""
        past = [line[1:] for line in self.history if line.startswith(self.sign)]
        if self.sign == "/":
            names = [*self.session.trace.bindings, *past] if text else []
            return [name for name in dict.fromkeys(reversed(names)) if name.startswith(text) and name != text]
        return complete(text, self.session.trace, self.node_names, past, self.changes)

    def on_input_changed(self, message: Input.Changed) -> None:
        text = message.value
        if text not in self._tried:
            self._tried = []
        offered = [_last_words(line) for line in self.fitting(text)[:OFFERED]]
        self.query_one("#fitting", Static).update(Content(" " + "  ".join(offered) if text else ""))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        text = message.value.strip()
        line = f"{self.sign}{text}"
        if text and self.history[-1:] != [line]:
            self.history.append(line)
        self.dismiss(text or None)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_complete(self) -> None:
        """Takes the next line that fits what was written."""
        line = self.query_one(Input)
        if line.value not in self._tried:
            self._tried = [line.value, *(one for one in self.fitting(line.value) if one != line.value)]
        line.value = self._tried[(self._tried.index(line.value) + 1) % len(self._tried)]
        line.cursor_position = len(line.value)

    def action_history(self, by: int) -> None:
        """Brings back an earlier line of the same sign."""
        past = [line[1:] for line in self.history if line.startswith(self.sign)]
        self._place = max(0, min(min(self._place, len(past)) + by, len(past)))
        line = self.query_one(Input)
        line.value = past[self._place] if self._place < len(past) else ""
        line.cursor_position = len(line.value)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:
            self.dismiss(None)


def _changes(session: Session) -> list[str]:
    """What can be set here, as lines."""
    at = session.timeline.at
    return [one.text for one in targets(session.trace, at)] if at and session.scenario is not None else []


def _last_words(line: str) -> str:
    """What a line ends with, to be read in a row of others: its last word, of a change all of it."""
    word, _, rest = line.partition(" ")
    return rest if word == "set" and rest else line.rpartition(" ")[2] or line
