"""The panes of a session and what they show: the part of the debugger's screen that knows no key."""

from collections.abc import Sequence
from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget

from gradb_tui.keys import COMMANDS, PANES, Command
from gradb_tui.panes.bars import BottomBar, StatusBar
from gradb_tui.panes.body import Body
from gradb_tui.panes.charts import ChartsPane
from gradb_tui.panes.compare import ComparePane
from gradb_tui.panes.event import EventPane
from gradb_tui.panes.frame import FOCUSED, Titled
from gradb_tui.panes.graph import GraphPane
from gradb_tui.panes.graph_details import Details
from gradb_tui.panes.moment import Moment, Pin
from gradb_tui.panes.notes import NotesPane
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.rows import ROLE_CLASSES, visible
from gradb_tui.panes.source import SourcePane
from gradb_tui.panes.tensor import TensorPane
from gradb_tui.panes.timeline import TimelineBar
from gradb_tui.panes.watch import WatchPane
from gradb_tui.preferences import Preferences
from gradb_tui.session import Session


class PanesScreen(Screen[None]):
    """The panes, the timeline below them, and a line above and below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*ROLE_CLASSES, FOCUSED}
    AUTO_FOCUS = "#source"
    focused = var[Widget | None](None)  # Textual paints the whole screen anew when another widget has the focus
    # Textual writes `ClassVar[X] | None` where it means `ClassVar[X | None]`.
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-slim"), (24, "-roomy")]  # pyright: ignore[reportIncompatibleVariableOverride]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-flat"), (8, "-low"), (16, "-tall")]  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(
        self, session: Session, preferences: Preferences | None = None, commands: Sequence[Command] = COMMANDS
    ) -> None:
        super().__init__()
        self.session = session
        self.preferences = preferences or Preferences(greeted=True)
        self.graph, self.tensor, self.source = GraphPane(), TensorPane(), SourcePane()
        self.charts, self.watched = ChartsPane(), WatchPane()
        first = (self.source, EventPane(), self.tensor, self.graph)
        panes = (*first, self.charts, NotesPane(), self.watched, ComparePane())
        self.panes: dict[str, Titled] = {cast(str, pane.id): pane for pane in panes}
        self.body = Body(*panes)
        hidden = [pane for pane in self.preferences.hidden if pane in PANES and pane not in ("source", "compare")]
        self.body.hidden = [*hidden, "compare"]  # there is nothing to compare yet
        self.status = StatusBar(session.title)
        self.timeline = TimelineBar()
        self.bottom = BottomBar(commands)
        self.seen = 0
        self._norms: dict[tuple[int, int], str] = {}

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.body
        yield self.timeline
        yield self.bottom

    # --- showing

    def show_moment(self) -> None:
        """Shows the cursor's moment in everything that can be seen."""
        moment = self.session.moment()
        self.seen = len(moment.trace)
        for name in self.body.arrangement.places:
            self._show_in(self.panes[name], moment)
        self.status.show(moment)
        self.timeline.show(moment, self.session.bookmarks)

    def _show_in(self, pane: Widget, moment: Moment) -> None:
        if isinstance(pane, GraphPane):
            if moment.at:
                graph = moment.trace.both_graphs(moment.at)
                details = Details(moment.trace, graph, moment.at, self._norms)
                states, flow = moment.trace.node_states(graph, moment.at), moment.trace.flow(graph, moment.at)
                pane.show(graph, states, flow, details)
        elif isinstance(pane, Pane | ChartsPane):
            pane.show(moment)

    def show_titles(self) -> None:
        """Writes in each frame which pane it is, and which others share its place."""
        for name in self.body.arrangement.places:
            self.panes[name].write_above(self._title(name))

    def _title(self, name: str) -> Content:
        """The pane's number and name, among those that share its place, and what the tensor pane is kept on."""
        stack = self.body.arrangement.stack_of(name) or (name,)
        room = self.body.arrangement.places[name].width - 6
        added = self._added() if name == "tensor" else ""
        long = sum(len(pane) + 3 for pane in stack) + len(added) <= room
        parts: list[Content] = []
        for pane in stack:
            number = list(PANES).index(pane) + 1
            if pane == name:
                look = "bold reverse" if len(stack) > 1 else "bold"
                parts.append(Content.styled(f"{number} {pane}{added}", look))
            else:
                parts.append(Content.styled(f"{number} {pane}" if long else str(number), "dim"))
        return Content(" ").join(parts)

    def _added(self) -> str:
        """What the tensor pane's title says beside its name."""
        pin = self.session.pin
        view = "" if self.tensor.view == "facts" else f" {self.tensor.view}"
        grad = " of .grad" if self.session.facet == "grad" else ""
        kept = "" if pin is None else f" kept on {visible(pin.name or self.session.trace.name(pin.tensor))} (Esc)"
        return f"{view}{grad}{kept}"

    def on_body_arranged(self) -> None:
        self.show_moment()
        self.show_titles()

    def say(self, message: str) -> None:
        """Says something on the bottom line, while that does not show how far a recording is."""
        if not self.session.running:
            self.bottom.say(message)

    # --- which pane

    @property
    def pane_in_use(self) -> Widget:
        """The pane that was used last."""
        return self.panes[self.body.recent[0]]

    def action_pane(self, name: str) -> None:
        self.body.use(name)
        self._remember_hidden()
        self.panes[name].focus(scroll_visible=False)

    def _remember_hidden(self) -> None:
        self.preferences.hidden = [pane for pane in self.body.hidden if pane != "compare"]

    def action_next_pane(self) -> None:
        self.action_pane(self.body.next_of(self.body.recent[0], 1))

    def action_previous_pane(self) -> None:
        self.action_pane(self.body.next_of(self.body.recent[0], -1))

    def action_hide(self) -> None:
        """Hides the pane in use and goes to the one used before it."""
        name = self.body.recent[0]
        if len(self.body.hidden) + 1 == len(PANES):
            self.say("This is the last pane.")
            return
        self.body.hide([*self.body.hidden, name])
        self._remember_hidden()
        self.action_pane(self.body.recent[0])
        self.say(f"{name} is hidden: {list(PANES).index(name) + 1} shows it again, H shows all.")

    def action_show_all(self) -> None:
        self.body.hide([])
        self.preferences.hidden = []

    def action_zoom(self) -> None:
        self.body.zoom()

    def action_next_chart(self) -> None:
        self.charts.next_chart()
        self.action_pane("charts")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for widget in event.widget.ancestors_with_self:
            if widget.id in self.panes:
                self.body.use(widget.id)
                break

    # --- the chosen tensor

    def keep(self, pin: Pin | None) -> None:
        """The tensor pane shows this tensor from now on; None lets it follow the event again."""
        self.session.pin = pin
        if pin is not None:
            self.show_tensor()
        else:
            self.show_moment()
            self.show_titles()

    def let_go(self) -> None:
        """The tensor pane follows the event again, and nothing is chosen any more."""
        self.session.element = None
        self.session.facet = "value"
        self.source.choice = 0
        self.graph.chosen = None
        self.keep(None)

    def on_watch_pane_chosen(self, message: WatchPane.Chosen) -> None:
        self.keep(Pin(name=message.name))

    def show_tensor(self) -> None:
        """Brings the tensor pane in sight after something about it has changed."""
        if "tensor" not in self.body.arrangement.places:
            self.action_pane("tensor")
        self.show_moment()
        self.show_titles()

    def action_view(self, by: str) -> None:
        self.tensor.next_view(int(by))
        self.action_pane("tensor")
        self.show_tensor()

    def action_facet(self) -> None:
        self.session.facet = "grad" if self.session.facet == "value" else "value"
        self.show_tensor()

    def action_walk(self, by: str) -> None:
        self.action_pane("graph")
        self.graph.walk(int(by))

    def action_fold(self) -> None:
        self.action_pane("graph")
        self.say(self.graph.fold())

    def action_fold_all(self) -> None:
        self.action_pane("graph")
        self.say(self.graph.fold_all())

    def action_scale(self, by: str) -> None:
        self.action_pane("graph")
        self.graph.scale(int(by))

    def action_slice(self, by: str) -> None:
        self.tensor.next_slice(int(by))

    def on_tensor_pane_element_chosen(self, message: TensorPane.ElementChosen) -> None:
        self.session.element = message.element
        moment = self.session.moment()
        for name in ("tensor", "event"):
            if name in self.body.arrangement.places:
                self._show_in(self.panes[name], moment)

    def on_graph_pane_node_selected(self, message: GraphPane.NodeSelected) -> None:
        node = None if self.graph.whole is None else self.graph.whole.by_key.get(message.key)
        if node is not None:
            self.keep(Pin(name=node.name) if node.name in self.session.trace.bindings else Pin(tensor=node.tensor))
