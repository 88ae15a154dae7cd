"""What is to be changed, and to what: `ForkScreen(trace, at, targets)` gives the line that says it."""

from collections.abc import Sequence
from typing import ClassVar

from gradb.errors import UserError
from gradb.scenario.setting import FORM, Target, read_changes
from gradb.trace.trace import Trace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from gradb_tui.keys import bindings
from gradb_tui.panes.rows import BLANK, ROLE_CLASSES, row
from gradb_tui.screens.listing import ChoicePage, Entry
from gradb_tui.screens.message import Page

NOTHING = "There is nothing here that can be set; a name such as lr or w[0] may do."


def head(trace: Trace, at: int) -> Entry:
    """Where the change is made."""
    event = trace.event(at)
    where = f"{trace.address(at)}, line {event.line}"
    return [
        (row("The program runs again up to ", (where, "strong"), " and goes on with this changed:"), 0),
        (BLANK, 0),
    ]


def preview(text: str, trace: Trace, at: int) -> Entry:
    """What the line changes, or what is wrong with it."""
    try:
        found = read_changes(text, trace, at)
    except UserError as error:
        lines: list[tuple[str, str]] = [(error.what, "warn")]
        lines += [(f"allowed: {error.allowed}", "dim")] if error.allowed else []
        lines += [(error.fix, "dim")] if error.fix else []
        return [(row("  ", line), 4) for line in lines]
    return [(row("  ", (str(one), "value")), 4) for one in found]


class Line(Page, can_focus=False):
    """Rows of a form that only say something."""

    def say(self, lines: Entry) -> None:
        """Shows other rows."""
        self.lines = lines
        self.refresh(layout=True)
        self.resized()


class Targets(ChoicePage, can_focus=False):
    """What can be set, of which one is marked."""


class ForkScreen(ModalScreen[str | None]):
    """The line to write, what it changes, and what can be set: ↑ and ↓ take one of these, Enter runs, Escape leaves."""

    COMPONENT_CLASSES: ClassVar[set[str]] = ROLE_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("fork")]
    AUTO_FOCUS = "Input"

    def __init__(self, trace: Trace, at: int, targets: Sequence[Target], text: str = "") -> None:
        super().__init__()
        self.trace, self.at, self.targets = trace, at, targets
        self.text = text or (targets[0].text if targets else "")
        self.head = Line(head(trace, at), classes="part")
        self.shown = Line((), classes="part")
        self.page = Targets()

    def compose(self) -> ComposeResult:
        with Vertical(classes="page form") as form:
            form.border_title = Content("What if?")
            form.border_subtitle = "Enter runs it · ↑ ↓ choose · Esc leaves"
            yield self.head
            yield Input(self.text, compact=True, select_on_focus=False, placeholder=FORM)
            yield self.shown
            self.page.set_classes("part")
            yield self.page

    def on_mount(self) -> None:
        self._fill()
        line = self.query_one(Input)
        line.cursor_position = len(line.value)
        self._preview(line.value)

    def _fill(self, choice: int = 0) -> None:
        wide = max((len(one.name) for one in self.targets), default=0)
        title = [(BLANK, 0), (row(("What can be set here:" if self.targets else NOTHING, "dim")), 0)]
        entries: list[Entry] = [
            [(row("  ", (one.name.ljust(wide), "strong"), f" = {one.value}  ", (one.about, "dim")), wide + 5)]
            for one in self.targets
        ]
        self.page.fill(title, entries, choice)

    def _preview(self, text: str) -> None:
        self.shown.say(preview(text, self.trace, self.at))

    def on_input_changed(self, message: Input.Changed) -> None:
        self._preview(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        try:
            read_changes(message.value, self.trace, self.at)
        except UserError:
            self.app.bell()  # what is wrong stands below the line
        else:
            self.dismiss(message.value)

    def action_choose(self, by: str) -> None:
        """Takes another of the things that can be set into the line."""
        if self.targets:
            self.page.choose(self.page.choice + int(by))
            line = self.query_one(Input)
            line.value = self.targets[self.page.choice].text
            line.cursor_position = len(line.value)

    def on_choice_page_chosen(self) -> None:
        self.action_choose("0")

    def action_close(self) -> None:
        self.dismiss(None)
