"""The debugger: walk through a session's run. Keys move the cursor, and the panes that are shown follow it."""

import gc
from time import monotonic
from typing import ClassVar, cast

from gradb.errors import UserError
from gradb.trace.events import Raised
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from gradb_tui.keys import PANES, bindings
from gradb_tui.panes.bars import BottomBar, StatusBar
from gradb_tui.panes.body import Body
from gradb_tui.panes.charts import ChartsPane
from gradb_tui.panes.event import EventPane
from gradb_tui.panes.graph import GraphPane
from gradb_tui.panes.moment import Moment, Pin
from gradb_tui.panes.notes import NotesPane
from gradb_tui.panes.rows import ROLE_CLASSES, visible
from gradb_tui.panes.source import SourcePane
from gradb_tui.panes.tensor import TensorPane
from gradb_tui.panes.timeline import TimelineBar
from gradb_tui.panes.watch import WatchPane
from gradb_tui.screens.background import in_background
from gradb_tui.screens.message import MessageScreen
from gradb_tui.session import NOWHERE, Session

POLL = 0.1  # seconds between two looks at a trace that grows


class WalkScreen(Screen[None]):
    """The panes, the timeline below them, and a line above and below."""

    COMPONENT_CLASSES: ClassVar[set[str]] = ROLE_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("walk")]
    AUTO_FOCUS = "#source"
    # Textual writes `ClassVar[X] | None` where it means `ClassVar[X | None]`.
    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-slim"), (24, "-roomy")]  # pyright: ignore[reportIncompatibleVariableOverride]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]] | None] = [(0, "-flat"), (8, "-low"), (16, "-tall")]  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        panes = (SourcePane(), EventPane(), TensorPane(), GraphPane(), ChartsPane(), NotesPane(), WatchPane())
        self.panes: dict[str, Widget] = {cast(str, pane.id): pane for pane in panes}
        self.body = Body(*panes)
        self.status = StatusBar(session.title)
        self.timeline = TimelineBar()
        self.bottom = BottomBar()
        self._seen = 0
        self._polling: Timer | None = None

    def compose(self) -> ComposeResult:
        yield self.status
        yield self.body
        yield self.timeline
        yield self.bottom

    def on_mount(self) -> None:
        if self.session.execute is not None:
            self.session.running = True
            self.session.started = monotonic()
            self.run_worker(in_background(self.session.execute), exit_on_error=False, name="program")
            self._polling = self.set_interval(POLL, self._poll)
        else:
            keep_still()

    def on_unmount(self) -> None:
        self.session.stop()

    # --- showing

    def show_moment(self) -> None:
        """Shows the cursor's moment in everything that can be seen."""
        moment = self.session.moment()
        self._seen = len(moment.trace)
        for name in self.body.arrangement.places:
            self._show_in(name, moment)
        self.status.show(moment)
        self.timeline.show(moment)

    def _show_in(self, name: str, moment: Moment) -> None:
        pane = self.panes[name]
        if isinstance(pane, GraphPane):
            if moment.at:
                graph = moment.trace.graph(moment.at)
                pane.show(graph, moment.trace.node_states(graph, moment.at), moment.trace.flow(graph, moment.at))
        else:
            cast(TensorPane, pane).show(moment)

    def show_titles(self) -> None:
        """Writes in each frame which pane it is, and which others share its place."""
        for name in self.body.arrangement.places:
            title = self._title(name)
            if title != self.panes[name].border_title:
                self.panes[name].border_title = title

    def _title(self, name: str) -> Content:
        """The pane's number and name, among those that share its place, and what the tensor pane is kept on."""
        stack = self.body.arrangement.stack_of(name) or (name,)
        room = self.body.arrangement.places[name].width - 6
        pin = self.session.pin if name == "tensor" else None
        kept = "" if pin is None else f" kept on {visible(pin.name or self.session.trace.name(pin.tensor))} (Esc)"
        long = sum(len(pane) + 3 for pane in stack) + len(kept) <= room
        parts: list[Content] = []
        for pane in stack:
            number = list(PANES).index(pane) + 1
            if pane == name:
                look = "bold reverse" if len(stack) > 1 else "bold"
                parts.append(Content.styled(f"{number} {pane}{kept}", look))
            else:
                parts.append(Content.styled(f"{number} {pane}" if long else str(number), "dim"))
        return Content(" ").join(parts)

    def on_body_arranged(self) -> None:
        self.show_moment()
        self.show_titles()

    # --- moving

    def action_move(self, name: str) -> None:
        moved = self.session.move(name)
        if moved:
            self.show_moment()
        if not self.session.running:
            self.bottom.say("" if moved or not self.session.timeline.at else NOWHERE[name])

    def go_to(self, number: int) -> None:
        """Moves the cursor to an event."""
        if self.session.timeline.seek(number):
            self.show_moment()

    def on_timeline_bar_sought(self, message: TimelineBar.Sought) -> None:
        self.go_to(message.number)

    def on_source_pane_line_clicked(self, message: SourcePane.LineClicked) -> None:
        numbers = self.session.trace.on_line(message.line)
        if numbers:
            at = self.session.timeline.at
            self.go_to(next((n for n in numbers if n > at), numbers[0]))

    # --- the chosen tensor

    def keep(self, pin: Pin | None) -> None:
        """The tensor pane shows this tensor from now on; None lets it follow the event again."""
        self.session.pin = pin
        if pin is not None and "tensor" not in self.body.arrangement.places:
            self.action_pane("tensor")
        self.show_moment()
        self.show_titles()

    def on_watch_pane_chosen(self, message: WatchPane.Chosen) -> None:
        self.keep(Pin(name=message.name))

    def on_graph_pane_node_selected(self, message: GraphPane.NodeSelected) -> None:
        node = self.session.timeline.graph().by_key.get(message.key)
        if node is not None:
            self.keep(Pin(name=node.name) if node.name in self.session.trace.bindings else Pin(tensor=node.tensor))

    # --- panes

    def action_pane(self, name: str) -> None:
        self.body.use(name)
        self.panes[name].focus(scroll_visible=False)

    def action_next_pane(self) -> None:
        self.action_pane(self.body.next_of(self.body.recent[0], 1))

    def action_previous_pane(self) -> None:
        self.action_pane(self.body.next_of(self.body.recent[0], -1))

    def action_zoom(self) -> None:
        self.body.zoom()

    def action_next_chart(self) -> None:
        cast(ChartsPane, self.panes["charts"]).next_chart()
        self.action_pane("charts")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        for widget in event.widget.ancestors_with_self:
            if widget.id in self.panes:
                self.body.use(widget.id)
                break

    # --- recording

    def action_escape(self) -> None:
        if not self.session.stop():
            self.keep(None)

    def _poll(self) -> None:
        session = self.session
        if not session.running:
            return
        if len(session.trace) != self._seen:
            self.show_moment()
        self.bottom.progress(len(session.trace), monotonic() - session.started, stopping=session.stopped)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.name != "program" or event.state in (WorkerState.PENDING, WorkerState.RUNNING):
            return
        self.session.running = False
        if self._polling is not None:
            self._polling.stop()
        keep_still()
        self.show_moment()
        self.bottom.say(self._ending())
        self.bottom.draw()
        error = event.worker.error
        if isinstance(error, UserError):
            self.app.push_screen(MessageScreen("The program was stopped", str(error)))
        elif error is not None:
            self.app.push_screen(MessageScreen(f"The program failed: {type(error).__name__}", str(error)))

    def _ending(self) -> str:
        if self.session.stopped:
            return "Recording was stopped; what was recorded can be walked."
        trace = self.session.trace
        last = trace.events[-1] if len(trace) else None
        if isinstance(last, Raised):
            return f"The program ended with {last.error}; it is the last event (key G)."
        return "" if last is not None else "The program ended without an event."


def keep_still() -> None:
    """Spares the garbage collector the run: it may hold millions of events, and looking at them would be felt."""
    gc.collect()
    gc.freeze()
