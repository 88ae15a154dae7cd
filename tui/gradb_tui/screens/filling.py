"""Steps whose values a trace file did not keep: the program runs again behind them, and then they are shown."""

from functools import partial

from gradb.errors import UserError
from textual.worker import Worker, WorkerState

from gradb_tui.screens.background import in_background
from gradb_tui.screens.claiming import Claiming
from gradb_tui.screens.message import MessageScreen


class Filling(Claiming):
    """The panes; where the cursor comes to values that are missing, they are computed again."""

    _is_filling = False

    def show_moment(self) -> None:
        super().show_moment()
        session = self.session
        filling = session.filling()
        at = session.timeline.at
        if filling is None or self._is_filling or session.running or not filling.lacks(at):
            return
        self._is_filling = True
        step = session.trace.step_of(at)
        self.say(f"The values of step {step} were not kept: the program runs again to fill them in ...")
        work = in_background(partial(filling.fill, at))
        self.run_worker(work, name="filling", exit_on_error=False)

    def on_unmount(self) -> None:
        filling = self.session.filling()
        if filling is not None:
            filling.cancel()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.name != "filling" or event.state in (WorkerState.PENDING, WorkerState.RUNNING):
            return
        self._is_filling = False
        self.say("")
        self.show_moment()
        error = event.worker.error
        if isinstance(error, UserError):
            self.app.push_screen(MessageScreen("The values of this step cannot be filled in", str(error)))
        elif error is not None:
            self.app.push_screen(MessageScreen(f"The program failed: {type(error).__name__}", str(error)))
