"""The list of breakpoints, to switch them on and off and to remove them."""

from typing import ClassVar

from gradb.debug.breakpoint import Breakpoint
from gradb.debug.breakpoints import Breakpoints
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from gradb_tui.keys import bindings
from gradb_tui.panes.rows import row
from gradb_tui.screens.listing import ChoicePage, Entry
from gradb_tui.screens.message import MessageScreen

NONE = "There are none. b sets one on the chosen line, node or variable; : break takes lines, names and conditions."


def entry(one: Breakpoint) -> Entry:
    """A breakpoint in a line: number, whether it is on, what it stops at, how often it was reached."""
    more = [f"{one.hits} hits" if one.hits else "", f"ignores {one.ignore}" if one.ignore else ""]
    more.append("once" if one.temporary else "")
    mark = ("●", "bad") if one.enabled else ("○", "dim")
    about = "  ".join(filter(None, more))
    return [(row(f"{one.number:>3} ", mark, " ", (one.text, "strong" if one.enabled else "dim"), f"  {about}"), 6)]


class BreakpointsScreen(MessageScreen):
    """Space or Enter switch the chosen one on or off, d or Del remove it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("breakpoints")]

    def __init__(self, breakpoints: Breakpoints) -> None:
        super().__init__("Breakpoints", "")
        self.breakpoints = breakpoints
        self.page: ChoicePage = ChoicePage("Space on or off · d removes · Esc closes")

    def compose(self) -> ComposeResult:
        self.page.border_title = Content(self.heading)
        yield self.page

    def on_mount(self) -> None:
        self._fill()

    def _fill(self) -> None:
        entries = [entry(one) for one in self.breakpoints]
        self.page.fill([] if entries else [(row((NONE, "dim")), 0)], entries, self.page.choice)

    @property
    def _chosen(self) -> Breakpoint | None:
        all_ = list(self.breakpoints)
        return all_[self.page.choice] if self.page.choice < len(all_) else None

    def on_choice_page_chosen(self) -> None:
        self.action_switch()

    def action_switch(self) -> None:
        one = self._chosen
        if one is not None:
            self.breakpoints.enable(one.number, not one.enabled)
            self._fill()

    def action_remove(self) -> None:
        one = self._chosen
        if one is not None:
            self.breakpoints.remove(one.number)
            self._fill()
