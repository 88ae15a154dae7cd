"""Breakpoints on the screen: set one, continue to the next or back to the one before, list them."""

import asyncio
from functools import partial
from time import monotonic

from gradb.debug.breakpoint import Breakpoint
from gradb.debug.breakpoints import Breakpoints, Direction, Stop
from gradb.errors import UserError

from gradb_tui.panes.graph import GraphPane
from gradb_tui.panes.source import SourcePane
from gradb_tui.prompt import Order
from gradb_tui.screens.breakpoints import BreakpointsScreen
from gradb_tui.screens.finding import Finding

AT_ONCE = 0.15  # seconds that a search may keep the screen waiting before it goes on behind it


class Stopping(Finding):
    """The part of the debugger's screen that stops where it was told to."""

    _searching = False
    _cancelled = False

    def action_break(self) -> None:
        pane, moment = self.pane_in_use, self.session.moment()
        if isinstance(pane, SourcePane):
            line = self.source.choice or (moment.event.line if moment.event else 0)
            added = self.session.breakpoints.toggle_line(line) if line else None
            self.told(added, f"Line {line} has no breakpoint any more.")
        elif isinstance(pane, GraphPane) and (node := pane.chosen_node) is not None and node.node is not None:
            self._toggle(Breakpoint("node", node.node.name))
        elif moment.tensor_name:
            self._toggle(Breakpoint("grad" if moment.facet == "grad" else "value", moment.tensor_name))
        else:
            self.say("Choose a line, a node or a variable first, or use : break WHERE.")

    def _toggle(self, wanted: Breakpoint) -> None:
        there = [one for one in self.session.breakpoints if one.text == wanted.text]
        for one in there:
            self.session.breakpoints.remove(one.number)
        added = None if there else self.session.breakpoints.add(wanted)
        self.told(added, f"There is no breakpoint on {wanted.text} any more.")

    def told(self, added: Breakpoint | None, gone: str) -> None:
        """Says which breakpoint was set, or that it is gone, and shows it."""
        self.show_moment()
        if added is None:
            self.say(gone)
            return
        more = ", once" * added.temporary + (f", past the next {added.ignore} hits" if added.ignore else "")
        then = "c and C go to it" if added.enabled else "It is off"
        self.say(f"Breakpoint {added.number}: {added.text}{more}. {then}.")

    def action_breakpoints(self) -> None:
        self.app.push_screen(BreakpointsScreen(self.session.breakpoints), lambda _: self.show_moment())

    # --- continuing

    def action_continue(self, by: str) -> None:
        if not len(self.session.breakpoints):
            self.say("There is no breakpoint: b sets one, and : break takes lines, names and conditions.")
            return
        self.run_to_stop(self.session.breakpoints, "forward" if int(by) > 0 else "backward")

    def run_to_stop(self, breakpoints: Breakpoints, direction: Direction) -> None:
        """Goes to the nearest stop; behind the screen where that takes long, and Escape ends it."""
        if self._searching or not self.session.timeline.at:
            return
        began = monotonic()
        late = False

        def too_long() -> bool:
            nonlocal late
            late = monotonic() - began > AT_ONCE
            return late

        try:
            stop = breakpoints.next(self.session.trace, self.session.timeline.at, direction, too_long)
        except UserError as error:
            self.say(str(error.what))
            return
        if stop is None and late:
            self._searching, self._cancelled = True, False
            self.say("Looking for the next stop; Esc ends it.")
            self.run_worker(self._search_behind(breakpoints, direction), name="search")
        else:
            self._stopped(stop, direction)

    async def _search_behind(self, breakpoints: Breakpoints, direction: Direction) -> None:
        find = partial(breakpoints.next, self.session.trace, self.session.timeline.at, direction, self._gives_up)
        try:
            stop = await asyncio.to_thread(find)
        except UserError as error:
            self.say(str(error.what))
            return
        finally:
            self._searching = False
        if self._cancelled:
            self.say("The search was ended.")
        else:
            self._stopped(stop, direction)

    def _gives_up(self) -> bool:
        return self._cancelled or not self.is_running

    def end_search(self) -> bool:
        """Ends a search that goes on; False where none does."""
        searching, self._cancelled = self._searching, True
        return searching

    def _stopped(self, stop: Stop | None, direction: Direction) -> None:
        if stop is None:
            self.say(f"No breakpoint stops {'after' if direction == 'forward' else 'before'} this event.")
            return
        self.go_to(stop.event)
        pairs = zip(stop.breakpoints, stop.outcomes, strict=True)
        reasons = [f"{one.text}" + (f": {outcome}" if outcome is not None else "") for one, outcome in pairs]
        self.say(f"Stopped: {'; '.join(reasons)}")

    # --- the prompt's orders

    def carry_out(self, order: Order) -> None:
        breakpoints, (number, _, rest) = self.session.breakpoints, order.argument.partition(" ")
        match order.order:
            case "continue:forward" | "continue:backward":
                self.action_continue("1" if order.order.endswith("forward") else "-1")
            case "break" | "tbreak":
                trace = None if self.session.running else self.session.trace
                self.told(breakpoints.add(order.argument, trace, temporary=order.order == "tbreak"), "")
            case "run":
                self.run_to_stop(_only(order.argument), "forward")
            case "condition":
                self.told(breakpoints.condition(_number(number), rest.strip()), "")
            case "ignore":
                self.told(breakpoints.ignore(_number(number), _number(rest)), "")
            case "enable" | "disable":
                self.told(breakpoints.enable(_number(number), order.order == "enable"), "")
            case "delete":
                if number:
                    breakpoints.remove(_number(number))
                else:
                    breakpoints.clear()
                self.told(None, "The breakpoint is gone." if number else "All breakpoints are gone.")
            case "breakpoints":
                self.action_breakpoints()
            case _:
                super().carry_out(order)


def _only(text: str) -> Breakpoints:
    found = Breakpoints()
    found.add(text.removeprefix("-f").strip())
    return found


def _number(text: str) -> int:
    if not text.strip().isdecimal() or len(text) > 18:
        raise UserError(f"{text.strip()[:60]!r} is no number", fix="info breakpoints lists them")
    return int(text)
