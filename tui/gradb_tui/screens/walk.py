"""The debugger: walk through a session's run. Keys move the cursor, and the panes that are shown follow it."""

import gc
from time import monotonic
from typing import ClassVar

from gradb.errors import UserError
from gradb.trace.events import Raised
from textual.binding import BindingType
from textual.timer import Timer
from textual.worker import Worker, WorkerState

from gradb_tui.keys import bindings
from gradb_tui.remembering import recall_bookmarks, remember
from gradb_tui.screens.background import in_background
from gradb_tui.screens.filling import Filling
from gradb_tui.screens.message import MessageScreen

POLL = 0.1  # seconds between two looks at a trace that grows


class WalkScreen(Filling):
    """The panes with all their keys, and the program that is recorded behind them."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("walk")]
    _polling: Timer | None = None

    def on_mount(self) -> None:
        if self.session.execute is not None:
            self.session.running = True
            self.session.started = monotonic()
            self.call_after_refresh(self._record)  # the first picture would come later beside it
            self._polling = self.set_interval(POLL, self._poll)
        else:
            keep_still()
            self.call_after_refresh(self.say, self.greeting())

    def _record(self) -> None:
        if self.session.execute is not None:
            self.run_worker(in_background(self.session.execute), exit_on_error=False, name="program")

    def on_unmount(self) -> None:
        for session in filter(None, (self.session, self.session.other)):
            session.stop()
            remember(session)
        gc.unfreeze()

    # --- recording

    def action_escape(self) -> None:
        if self.session.stop() or self.end_search():
            return
        self.pause()
        self.say("")
        self.let_go()

    def _poll(self) -> None:
        session = self.session
        if not session.running:
            return
        if len(session.trace) != self.seen:
            self.show_moment()
        self.bottom.progress(len(session.trace), monotonic() - session.started, stopping=session.stopped)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.name != "program" or event.state in (WorkerState.PENDING, WorkerState.RUNNING):
            return
        self.session.running = False
        recall_bookmarks(self.session)
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
        return self.greeting() or trace.thinning if last is not None else "The program ended without an event."

    def greeting(self) -> str:
        """What a user reads who has never been here."""
        if self.preferences.greeted:
            return ""
        self.preferences.greeted = True
        return "New here? → and ← step through the run, ? explains the keys, q closes it."


def keep_still() -> None:
    """Spares the garbage collector the run: it may hold millions of events, and looking at them would be felt."""
    gc.collect()
    gc.freeze()
