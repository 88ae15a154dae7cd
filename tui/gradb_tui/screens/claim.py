"""A claim made from what is on the screen: `ClaimScreen(scenario, offers, folder)` shows it and writes it."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from gradb.errors import UserError
from gradb.scenario.claiming import Offer, propose_for
from gradb.scenario.record_claim import Proposal
from gradb.scenario.scenario import Scenario
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen

from gradb_tui.keys import bindings
from gradb_tui.panes.rows import BLANK, ROLE_CLASSES, row
from gradb_tui.panes.wrap import shorten
from gradb_tui.screens.fork import Line
from gradb_tui.screens.listing import ChoicePage, Entry

MOST_LINES = 14  # of the change that are shown
MOST_TEXT = 64  # of an entry that is shown beside the others
ROLES = {"+": "good", "-": "bad", "@": "dim"}


def diff_rows(proposal: Proposal) -> Entry:
    """What becomes of which file: its name, whether it is new, and the lines that change with their signs."""
    data = "".join(f" and {name}" for name, _ in proposal.beside)
    what = "a copy of the bundled scenario" + data if proposal.before is None else "the scenario that is open"
    lines: list[tuple[str, str]] = [
        (line, ROLES.get(line[:1], "plain")) for line in proposal.diff.splitlines() if line[:3] not in ("---", "+++")
    ]
    head = row((str(proposal.path), "strong"), (f"  {what}", "dim"))
    more = len(lines) - MOST_LINES
    shown = [*lines[:MOST_LINES], (f"and {more} more lines", "dim")] if more > 1 else lines
    return [(head, 2), *((row("  ", line), 4) for line in shown)]


class Offers(ChoicePage, can_focus=True):
    """The claims that can be made; the keys and the mouse mark one."""

    def choose(self, choice: int) -> None:
        super().choose(choice)
        self.post_message(self.Marked())

    class Marked(Message):
        """Another entry is marked."""


class ClaimScreen(ModalScreen[Proposal | None]):
    """The claims above, and what the marked one would change below: Enter writes it, Escape leaves the file alone."""

    COMPONENT_CLASSES: ClassVar[set[str]] = ROLE_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("claim")]
    AUTO_FOCUS = "Offers"

    def __init__(self, scenario: Scenario, offers: Sequence[Offer], folder: Path) -> None:
        super().__init__()
        self.scenario, self.offers, self.folder = scenario, offers, folder
        self.page = Offers()
        self.change = Line((), classes="part")
        self.proposal: Proposal | None = None

    def compose(self) -> ComposeResult:
        with Vertical(classes="page form") as form:
            form.border_title = Content("Expect this from now on")
            form.border_subtitle = "Enter writes it · ↑ ↓ choose · Esc leaves"
            self.page.set_classes("part")
            yield self.page
            yield self.change

    def on_mount(self) -> None:
        entries: list[Entry] = [
            [(row((one.about, "strong"), "  ", (shorten(one.text, MOST_TEXT), "dim")), 4)] for one in self.offers
        ]
        self.page.fill([], entries)
        self._propose()

    def _propose(self) -> None:
        try:
            self.proposal = propose_for(self.scenario, self.offers[self.page.choice].entry, self.folder)
            lines = diff_rows(self.proposal)
        except UserError as error:
            self.proposal = None
            lines = [(row((line.strip(), "warn")), 2) for line in str(error).splitlines()]
        self.change.say([(BLANK, 0), *lines])

    def on_offers_marked(self) -> None:
        self._propose()

    def on_choice_page_chosen(self) -> None:
        self.action_write()

    def action_write(self) -> None:
        """Writes the change; what is wrong stands in its place."""
        if self.proposal is None:
            self.app.bell()
            return
        try:
            self.proposal.write()
        except UserError as error:
            self.proposal = None
            self.change.say([(BLANK, 0), *((row((line.strip(), "warn")), 2) for line in str(error).splitlines())])
        else:
            self.dismiss(self.proposal)

    def action_close(self) -> None:
        self.dismiss(None)
