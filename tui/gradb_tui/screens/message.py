"""A page over the screen, as rows that scroll: `MessageScreen(title, text)`."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen

from gradb_tui.keys import bindings
from gradb_tui.panes.rows import ROLE_CLASSES, Row, row
from gradb_tui.panes.view import RowsView
from gradb_tui.panes.wrap import wrap


class Page(RowsView):
    """Rows, each with the indent of what does not fit on it; as high as they are, if the screen is.

    `foot` is what its frame says of its keys.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("page")]

    def __init__(self, lines: Sequence[tuple[Row, int]], *, classes: str = "page", foot: str = "Esc closes") -> None:
        super().__init__(classes=classes)
        self.lines = lines
        self.foot = foot

    def rows_for(self, width: int) -> list[Row]:
        """The rows at a width."""
        return [wrapped for line, indent in self.lines for wrapped in wrap(line, width, indent)]

    def resized(self) -> None:
        self.set_rows(self.rows_for(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.rows_for(width))


class MessageScreen(ModalScreen[None]):
    """Title and text; closes with the keys that close a page."""

    COMPONENT_CLASSES: ClassVar[set[str]] = ROLE_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("help")]
    AUTO_FOCUS = "Page"

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.heading = title
        self.page = Page([(row(line), 4) for line in text.splitlines() or [""]])

    def compose(self) -> ComposeResult:
        self.page.border_title = Content(self.heading)
        yield self.page

    def action_close(self) -> None:
        self.dismiss()
