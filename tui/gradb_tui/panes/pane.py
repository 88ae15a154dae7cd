"""What the panes of text have in common: `show(moment)` draws one, and again when its size changes."""

from typing import ClassVar

from gradb_tui.panes.frame import Framed
from gradb_tui.panes.moment import Moment
from gradb_tui.panes.view import RowsView


class Pane(RowsView, Framed):
    """A pane of rows that follows the cursor. A kind of pane says in `draw` which rows a moment has."""

    pane: ClassVar[str]

    def __init__(self) -> None:
        super().__init__(id=self.pane, classes="pane")
        self.moment: Moment | None = None

    def show(self, moment: Moment) -> None:
        """Shows another moment. Only panes that can be seen are asked to."""
        self.moment = moment
        if self.size:
            self.draw(moment)

    def draw(self, moment: Moment) -> None:
        """Gives `set_rows` the rows of a moment at the present size."""
        raise NotImplementedError

    def resized(self) -> None:
        if self.moment is not None and self.size:
            self.draw(self.moment)
