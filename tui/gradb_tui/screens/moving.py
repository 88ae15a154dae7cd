"""Moving the cursor: the keys of time, play, bookmarks, and what a click goes to."""

from textual.timer import Timer

from gradb_tui.moves import MOVES, NOWHERE
from gradb_tui.panes.graph import GraphPane
from gradb_tui.panes.source import SourcePane
from gradb_tui.panes.tensor import TensorPane
from gradb_tui.panes.timeline import TimelineBar
from gradb_tui.screens.panes import PanesScreen

SPEEDS = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # events a second
FRAMES = 30  # repaints a second at most


class Moving(PanesScreen):
    """The part of the debugger's screen that moves the cursor."""

    _playing: Timer | None = None
    _speed = 2

    def action_move(self, name: str) -> None:
        self.moved(self.session.move(name), NOWHERE[name])

    def moved(self, moved: bool, otherwise: str) -> None:
        """Shows where the cursor is now, or says why it stayed."""
        if moved:
            self.show_moment()
        self.say("" if moved or not self.session.timeline.at else otherwise)

    def go_to(self, number: int) -> None:
        """Moves the cursor to an event."""
        self.moved(self.session.timeline.seek(number), "")

    def on_timeline_bar_sought(self, message: TimelineBar.Sought) -> None:
        self.go_to(message.number)

    def on_tensor_pane_write_chosen(self, message: TensorPane.WriteChosen) -> None:
        self.go_to(message.number)

    def on_source_pane_line_clicked(self, message: SourcePane.LineClicked) -> None:
        numbers = self.session.trace.on_line(message.line)
        if numbers:
            at = self.session.timeline.at
            self.go_to(next((n for n in numbers if n > at), numbers[0]))

    # --- to what was chosen

    def action_write(self, by: str) -> None:
        moment = self.session.moment()
        what = ".grad" if moment.facet == "grad" else ""
        name = moment.tensor_name or ("" if moment.tensor is None else moment.trace.name(moment.tensor))
        where = "after" if int(by) > 0 else "before"
        nowhere = f"{name}{what} is not written {where} this event." if name else "There is no tensor here."
        kept = self.session.pin
        self.moved(self.session.to_write(int(by)), nowhere)
        if kept != self.session.pin:
            self.show_titles()

    def action_run_to(self, by: str) -> None:
        pane, timeline, forwards = self.pane_in_use, self.session.timeline, int(by) > 0
        where = "after" if forwards else "before"
        if not timeline.at:
            return
        if isinstance(pane, GraphPane):
            node = pane.chosen_node
            if node is None:
                self.say("Choose a node with ↑ and ↓ first.")
                return
            moved = timeline.next_of_node(node) if forwards else timeline.previous_of_node(node)
            self.moved(moved, f"Nothing happens at {node.label} {where} this event, in this step.")
            return
        line = self.source.choice or timeline.event.line
        moved = timeline.next_on_line(line) if forwards else timeline.previous_on_line(line)
        self.moved(moved, f"Line {line} does not run {where} this event.")

    # --- bookmarks

    def action_bookmark(self) -> None:
        if self.session.timeline.at:
            there = self.session.bookmark()
            self.show_moment()
            self.say("A bookmark is here: ' and \" go from one to the next." if there else "The bookmark is gone.")

    def action_to_bookmark(self, by: str) -> None:
        nowhere = "This is the only bookmark." if self.session.bookmarks else "There is no bookmark: m sets one."
        self.moved(self.session.to_bookmark(int(by)), nowhere)

    # --- playing

    def action_play(self) -> None:
        if self._playing is None:
            self._play()
        else:
            self.pause()

    def action_speed(self, by: str) -> None:
        self._speed = max(0, min(self._speed + int(by), len(SPEEDS) - 1))
        if self._playing is not None:
            self._play()
        else:
            self.say(f"Space plays {SPEEDS[self._speed]} events a second.")

    def pause(self) -> None:
        """Ends playing."""
        if self._playing is not None:
            self._playing.stop()
            self._playing = None
            self.say("")

    def _play(self) -> None:
        if self._playing is not None:
            self._playing.stop()
        self._playing = self.set_interval(1 / min(SPEEDS[self._speed], FRAMES), self._play_on)
        self._tell_playing()

    def _play_on(self) -> None:
        if not self.is_current:
            return
        steps = max(1, SPEEDS[self._speed] // FRAMES)
        timeline = self.session.timeline
        if timeline.at and timeline.seek(min(timeline.at + steps, len(timeline.trace))):
            self.show_moment()
        if timeline.at == len(timeline.trace) and not self.session.running:
            self.pause()
            self.say(NOWHERE["step"])

    def _tell_playing(self) -> None:
        self.say(f"▶ {SPEEDS[self._speed]} events a second: Space pauses, + and - change the speed.")

    def repeat(self, name: str, count: int) -> None:
        """A move done several times, until it goes nowhere."""
        moved = 0
        while moved < count and len(self.session.trace) and MOVES[name](self.session.timeline):
            moved += 1
        self.moved(moved > 0, NOWHERE[name])
