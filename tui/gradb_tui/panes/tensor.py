"""The tensor pane: the event's tensor or the one that is kept, in one of six views, which `v` goes through."""

from gradb.trace.events import Array
from gradb.trace.numbers import Element
from textual import events
from textual.message import Message

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.tensor_change import change_rows
from gradb_tui.panes.tensor_element import Window, fitted, head_rows, moved, slice_moved
from gradb_tui.panes.tensor_facts import tensor_rows
from gradb_tui.panes.tensor_heat import HeatMap
from gradb_tui.panes.tensor_history import History
from gradb_tui.panes.tensor_node import node_rows
from gradb_tui.panes.tensor_table import table_rows
from gradb_tui.panes.wrap import wrap

VIEWS = ("facts", "table", "heat", "history", "change", "node")
WITH_ELEMENT = ("table", "heat")
NO_TENSOR = (row(("No tensor yet: it appears with the first event that makes one.", "dim")),)


class TensorPane(Pane):
    """Draws the view. In table and heat the arrows move over the elements, in history over the writes."""

    pane = "tensor"

    class ElementChosen(Message):
        """Another element was gone to."""

        def __init__(self, element: Element) -> None:
            super().__init__()
            self.element = element

    class WriteChosen(Message):
        """A write of the history was chosen, by the number of its event."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self) -> None:
        super().__init__()
        self.view = VIEWS[0]
        self.window = Window()
        self.heat = HeatMap()
        self.history = History()

    def draw(self, moment: Moment) -> None:
        if moment.tensor is None:
            self.set_rows(self._nothing(moment))
        elif self.view == "facts":
            self.set_rows(tensor_rows(moment.trace, moment.tensor, moment.at, *self.size))
        elif self.view == "history":
            self.set_rows(self.history.rows(moment, *self.size))
        elif self.view == "change":
            self.set_rows(change_rows(moment, *self.size))
        elif self.view == "node":
            self.set_rows(node_rows(moment, self.size.width))
        else:
            self.set_rows(self._elements(moment, moment.array_at(moment.at)))

    def _nothing(self, moment: Moment) -> list[Row]:
        if moment.pin is None:
            return list(NO_TENSOR)
        name = moment.pin.name or moment.trace.name(moment.pin.tensor)
        return [row((name, "title")), *wrap(row(("It does not exist yet at this moment.", "dim")), self.size.width)]

    def _elements(self, moment: Moment, array: Array | None) -> list[Row]:
        width, height = self.size
        head = head_rows(moment, array, width)
        if array is None or not array.size:
            return head
        element = fitted(moment.element, array.shape)
        space = width, max(0, height - len(head))
        if self.view == "table":
            return [*head, *table_rows(array, element, self.window, *space)]
        return [*head, *self.heat.rows(array, element, *space, colours=not self.app.no_color)]

    # --- keys

    def next_view(self, by: int) -> None:
        """Shows the next view, or the one before."""
        self.view = VIEWS[(VIEWS.index(self.view) + by) % len(VIEWS)]
        self.scroll_rows_to(0)
        if self.moment is not None:
            self.show(self.moment)

    def action_scroll(self, by: str) -> None:
        page = max(1, self.size.height - 5)
        rows = {"page": page, "-page": -page}.get(by, 0 if "page" in by else int(by))
        if self.view in WITH_ELEMENT:
            self.go(rows, 0)
        elif self.view == "history" and self.moment is not None:
            self.history.choose(self.moment, rows)
            self.draw(self.moment)
        else:
            super().action_scroll(by)

    def action_across(self, by: str) -> None:
        self.go(0, int(by))

    def go(self, rows: int, columns: int) -> None:
        """Moves the cursor over the elements."""
        array = self._array()
        if array is not None and self.view in WITH_ELEMENT and self.moment is not None:
            at = fitted(self.moment.element, array.shape)
            self.post_message(self.ElementChosen(moved(at, array.shape, rows, columns)))

    def next_slice(self, by: int) -> None:
        """Another plane of an array of more than two dims."""
        array = self._array()
        if array is not None and self.moment is not None:
            at = fitted(self.moment.element, array.shape)
            self.post_message(self.ElementChosen(slice_moved(at, array.shape, by)))

    def action_choose(self) -> None:
        if self.view == "history" and self.moment is not None and self.history.choice is not None:
            self.post_message(self.WriteChosen(self.moment.writes[self.history.choice]))

    def _array(self) -> Array | None:
        array = None if self.moment is None else self.moment.array_at(self.moment.at)
        return array if array is not None and array.size else None

    # --- mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_scroll("3")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_scroll("-3")
