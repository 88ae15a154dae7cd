"""Finding and asking: the search, the `:` prompt and its orders, the clipboard."""

from gradb.debug.watching import check_watched
from gradb.errors import UserError
from rich.cells import cell_len

from gradb_tui.panes.copying import text_of
from gradb_tui.panes.moment import Pin
from gradb_tui.prompt import Order, read
from gradb_tui.screens.about import about, node_named, node_page
from gradb_tui.screens.message import MessageScreen
from gradb_tui.screens.moving import Moving
from gradb_tui.screens.prompt import PromptScreen


class Finding(Moving):
    """The part of the debugger's screen that takes what the user writes."""

    # --- search

    def action_search(self) -> None:
        self.app.push_screen(PromptScreen("/", self.session, self.session.history), self._search)

    def _search(self, text: str | None) -> None:
        if text:
            self.session.found = text
            count = self.session.matches()
            moved = (bool(count) and self.session.to_match(1)) or self.session.to_match(-1)
            self.moved(moved, f"Nothing here has to do with {text!r}." if not count else "This is the only match.")
            if moved:
                self.say(f"{count} events match {text!r}: , and . go from one to the next.")

    def action_match(self, by: str) -> None:
        nowhere = f"No event matches {self.session.found!r} {'after' if int(by) > 0 else 'before'} this one."
        self.moved(self.session.to_match(int(by)), nowhere if self.session.found else "/ searches first.")

    # --- clipboard

    def action_copy(self) -> None:
        text = text_of(self.pane_in_use)
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1 if text else 0
        self.say(f"{lines} lines of {self.body.recent[0]} are on the clipboard, if the terminal takes OSC 52.")

    # --- the prompt

    def action_prompt(self) -> None:
        self.app.push_screen(PromptScreen(":", self.session, self.session.history), self._ask)

    def _ask(self, text: str | None) -> None:
        if not text:
            return
        try:
            self.carry_out(read(text, self.session.trace))
        except UserError as error:
            self.say(in_a_line(error, self.size.width - 2))

    def carry_out(self, order: Order) -> None:
        """Does what was asked for. Raises UserError."""
        name, _, detail = order.order.partition(":")
        argument = order.argument
        match name:
            case "move":
                self.repeat(detail, int(argument or 1))
            case "write":
                left = int(argument or 1) - 1
                while left and self.session.to_write(int(detail)):
                    left -= 1
                self.action_write(detail)
            case "go":
                self.go_to(self.session.trace.locate(argument))
            case "watch":
                if not self.session.running:
                    check_watched(argument, self.session.trace)
                self.session.watch = (argument, *(one for one in self.session.watch if one != argument))
                self.action_pane("watch")
                self.show_moment()
            case "unwatch":
                self._unwatch(argument)
            case "print":
                self._print(argument)
            case "node" | "inputs" | "outputs":
                moment = self.session.moment()
                self.app.push_screen(MessageScreen(*node_page(moment, node_named(moment, argument), name)))
            case "info":
                self.app.push_screen(MessageScreen(f"info {argument}".strip(), about(self.session, argument)))
            case "why" | "check":
                self.call_later(self.run_action, name)
            case "search":
                self._search(argument)
            case _:
                self.app.call_later(self.app.run_action, f"app.{name}")

    def _unwatch(self, name: str) -> None:
        if name not in self.session.watch:
            raise UserError(f"{name} is not watched", allowed=", ".join(self.session.watch) or "nothing is")
        self.session.watch = tuple(one for one in self.session.watch if one != name)
        self.show_moment()

    def _print(self, text: str) -> None:
        """Keeps the tensor pane on a variable, its value or its grad, and on an element of it."""
        name, bracket, place = text.partition("[")
        name = name.strip()
        grad = name.endswith(".grad")
        variable = name.removesuffix(".grad")
        if variable not in self.session.trace.bindings:
            known = ", ".join(list(self.session.trace.bindings)[:12])
            raise UserError(f"there is no variable {variable!r}", allowed=known)
        self.session.facet = "grad" if grad else "value"
        self.session.element = _element(place, text) if bracket else None
        self.keep(Pin(name=variable))


def in_a_line(error: UserError, width: int) -> str:
    """An error on the bottom line: what is allowed where it fits or nothing else helps, else what to do."""
    allowed = f"{error.what} (allowed: {error.allowed})" if error.allowed else error.what
    return f"{error.what}; {error.fix}" if error.fix and cell_len(allowed) > width else allowed


def _element(place: str, text: str) -> tuple[int, ...]:
    parts = place.rstrip("] ").split(",")
    if not place.endswith("]") or not all(part.strip().isdecimal() and len(part) < 20 for part in parts):
        raise UserError(f"{text[:60]!r} names no element", allowed="x[2, 0]")
    return tuple(int(part) for part in parts)
