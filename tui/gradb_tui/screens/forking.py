"""Running on from here with something changed, and looking at both runs: the keys `i`, `r` and `j`."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from time import monotonic

from gradb.debug.pairing import Pairing
from gradb.debug.stopping import Interrupted
from gradb.errors import UserError
from gradb.scenario.fork import ForkRun, fork
from gradb.scenario.setting import Assignment, fork_point, read_changes, targets

from gradb_tui.panes.both import Both
from gradb_tui.prompt import Order
from gradb_tui.screens.asking import Asking
from gradb_tui.screens.background import in_background
from gradb_tui.screens.fork import ForkScreen
from gradb_tui.screens.message import MessageScreen
from gradb_tui.session import Session, session_for

POLL = 0.1  # seconds between two looks at a run that goes on behind the screen


class Forking(Asking):
    """The part of the debugger's screen that runs the program again with something changed."""

    _fork: Session | None = None  # the run that goes on behind the screen

    def action_fork(self) -> None:
        if self._can_fork():
            self._open_form("")

    def _open_form(self, text: str) -> None:
        moment = self.session.moment()
        line = self.source.choice or (moment.event.line if moment.event else 0)
        there = targets(moment.trace, moment.at, line, moment.tensor_name, moment.element)
        self.app.push_screen(ForkScreen(moment.trace, moment.at, there, text), self._set_from_form)

    def _can_fork(self) -> bool:
        """Whether the program can be run again from here; says why not."""
        session = self.session
        reason = ""
        if session.running or self._fork is not None:
            reason = "Wait until the program has run; Esc stops it."
        elif session.both is not None and session.both.letter(session.trace) == "B":
            reason = "This is run B: r goes to A, from which another B can be made."
        elif session.scenario is None:
            reason = "A recording has no program to run again: open its scenario or script."
        elif not session.timeline.at:
            reason = "There is no event to run on from."
        if reason:
            self.say(reason)
        return not reason

    def _set_from_form(self, text: str | None) -> None:
        try:
            if text is not None and self._can_fork():
                self._set(text)
        except UserError as error:
            self.app.push_screen(MessageScreen("Nothing was changed", str(error)))

    def _set(self, text: str) -> None:
        """Runs on with what a line changes. Raises UserError."""
        session = self.session
        assert session.scenario is not None
        at = session.timeline.at
        assignments = read_changes(text, session.trace, at)
        changes = [change for one in assignments for change in one.changes]
        run = fork(session.scenario, fork_point(assignments, session.trace, at), changes, session.limits)
        self.run_worker(self._run_fork(session, run, assignments), name="fork", exit_on_error=False)

    async def _run_fork(self, session: Session, run: ForkRun, assignments: Sequence[Assignment]) -> None:
        """Runs B in a thread, finds where the runs part, and shows both."""
        other = self._fork = session_for(run, run.original, session.limits)
        other.running, other.started = True, monotonic()
        before, session.other = session.other, other  # whoever stops the one stops the other
        polling = self.set_interval(POLL, self._show_progress)
        problem, both = "", None
        try:
            try:
                await in_background(run.run)
            except UserError as error:
                problem = str(error)
            if run.changed_at is not None and not other.stopped:
                pairing = Pairing(session.trace, run.trace, run.changed_at, run.inserted)
                both = await self._compared(pairing, assignments, other)
        finally:
            polling.stop()
            other.running, self._fork, session.other = False, None, before
            self.bottom.draw()
        told = "\n".join([*run.problems, problem]).strip()
        nothing = len(run.problems) >= len(assignments)
        if both is None or nothing:
            stopped = "The second run was stopped." if other.stopped else "Nothing was changed."
            self._tell(stopped, told)
            return
        session.other, other.other = other, session
        session.both = other.both = both
        if told:
            self.app.push_screen(MessageScreen("The second run", told))
        self._show_both()

    async def _compared(self, pairing: Pairing, assignments: Sequence[Assignment], other: Session) -> Both:
        found = Both(pairing, tuple(map(str, assignments)))

        def compare() -> None:
            nonlocal found
            found = Both(pairing, found.changes, pairing.first_divergence(lambda: other.stopped))

        with suppress(Interrupted):  # the runs can be compared without it
            await in_background(compare)
        return found

    def _tell(self, title: str, text: str) -> None:
        if text:
            self.app.push_screen(MessageScreen(title, text))
        else:
            self.say(title)

    def _show_progress(self) -> None:
        if self._fork is not None:
            seconds = monotonic() - self._fork.started
            self.bottom.progress(len(self._fork.trace), seconds, stopping=self._fork.stopped)

    def _show_both(self) -> None:
        if self.session.scenario is not None:
            self.action_pane("compare")
            self.look_at(self.session)
            self.say("Two runs: r goes from A to B at the same address, j to their first difference.")

    def say(self, message: str) -> None:
        if self._fork is None:
            super().say(message)

    # --- both runs

    def action_other_run(self) -> None:
        other = self.session.to_other()
        if other is None or other.running:
            self.say("There is one run: i changes something here and runs on, which gives a second.")
            return
        self.look_at(other)
        both = other.both
        assert both is not None
        self.say(f"This is run {both.letter(other.trace)}.")

    def action_divergence(self) -> None:
        both = self.session.both
        if both is None:
            self.say("There is one run: i changes something here and runs on, which gives a second.")
            return
        first = both.first(self.session.trace)
        if first is None:
            self.say("The runs are the same to the end.")
        elif not self.session.timeline.seek(first):
            self.say("This is the first event that differs.")
        else:
            self.moved(True, "")

    def look_at(self, session: Session) -> None:
        """Shows a run in all panes, in place of the one that is shown."""
        self.session = session
        self.source.forget()
        self._norms.clear()
        letter = session.both.letter(session.trace) if session.both is not None else ""
        self.status.title = f"{session.title}  run {letter}" if letter else session.title
        self.show_moment()
        self.show_titles()

    # --- the prompt's orders

    def carry_out(self, order: Order) -> None:
        match order.order:
            case "set":
                if self._can_fork():
                    self._set(order.argument)
            case "fork":
                if self._can_fork():
                    self._open_form(order.argument)
            case "other_run" | "divergence":
                self.call_later(partial(self.run_action, order.order))
            case _:
                super().carry_out(order)
