"""A message over the screen: what went wrong, as text, until a key is pressed."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from gradb_tui.keys import bindings


class MessageScreen(ModalScreen[None]):
    """Title and text; closes with the keys that close a page."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="page") as page:
            page.border_title = Content(self.heading)
            page.border_subtitle = Content("Esc closes")
            yield Static(Content(self.text))

    def action_close(self) -> None:
        self.dismiss()
