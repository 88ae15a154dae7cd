"""Why is it what it is: the parts of a gradient or a value, in symbols and numbers, each to be followed further up."""

from typing import ClassVar

from gradb.debug.answers import Question, Term, Why
from gradb.debug.why import answer
from gradb.trace.numbers import brief, number
from gradb.trace.trace import Trace
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen

from gradb_tui.keys import bindings
from gradb_tui.panes.rows import ROLE_CLASSES, row
from gradb_tui.screens.listing import ChoicePage, Entry

ROLES = {
    "seed": "backward begins here: ",
    "consumer": "",
    "before": "",
    "clipped": "clipped: ",
    "hook": "a hook changed it: ",
    "input": "computed from ",
    "grad": "the gradient ",
    "number": "the number ",
}


def place(trace: Trace, event: int, line: int) -> str:
    """An event by its address and line; empty for none."""
    return f"{trace.address(event)}, line {line}" if event else ""


def head(trace: Trace, why: Why) -> Entry:
    """What was asked, the answer in a sentence, and its formula with names and with numbers."""
    lines = [(row((why.title, "strong")), 2)]
    if why.value is not None and why.value.size > 1:
        at = f"[{', '.join(map(str, why.element))}]"
        shown = "" if why.number is None else f"{at} = {number(why.number)}"
        lines.append((row((f"of {brief(why.value)}, the element {shown}", "dim")), 2))
    if why.event:
        lines.append((row((f"written at {place(trace, why.event, why.line)}", "dim")), 2))
    for i, symbols in enumerate(why.symbols):
        lines.append((row("  ", (symbols, "backward")), 6))
        if i < len(why.numbers):
            lines.append((row("  ", (why.numbers[i], "value")), 6))
    lines.append((row(("", "plain")), 0))
    return lines


def term_entry(trace: Trace, term: Term) -> Entry:
    """One part: what it is and where from, its formula, its numbers, and the largest products in it."""
    where = place(trace, term.event, term.line)
    more = "  ↵" if term.next is not None else ""
    lines = [
        (
            row((ROLES[term.role], "dim"), (term.label, "strong"), (f"  {where}", "dim"), (more, "key")),
            4,
        )
    ]
    if term.symbols:
        lines.append((row("    ", (term.symbols, "forward")), 8))
    if term.numbers and term.numbers != term.symbols:
        lines.append((row("    ", (term.numbers, "value")), 8))
    if term.count > 1:
        shown = [f"{number(p.upstream)} × {number(p.local)} = {number(p.value)}" for p in term.products]
        rest = f" and {term.count - len(shown)} more" if term.count > len(shown) else ""
        lines.append((row("    ", (f"upstream × local: {'; '.join(shown)}{rest}", "dim")), 8))
    return lines


class WhyScreen(ModalScreen[int | None]):
    """Enter follows a part, Backspace comes back, g goes to the event that it comes from."""

    COMPONENT_CLASSES: ClassVar[set[str]] = ROLE_CLASSES
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("why")]
    AUTO_FOCUS = "Page"

    def __init__(self, trace: Trace, question: Question) -> None:
        """Raises UserError where there is no answer."""
        super().__init__()
        self.trace = trace
        self.path: list[tuple[Why, int]] = []
        self._ask(question)
        self.page = ChoicePage("Enter follows · Backspace back · g goes there · Esc closes")

    def compose(self) -> ComposeResult:
        yield self.page

    def on_mount(self) -> None:
        self._fill()

    @property
    def why(self) -> Why:
        """The answer that is shown."""
        return self.path[-1][0]

    def _fill(self) -> None:
        names = " ← ".join(why.name for why, _ in self.path)
        self.page.border_title = Content(f"Why {names}")
        self.page.fill(
            head(self.trace, self.why), [term_entry(self.trace, t) for t in self.why.terms], self.path[-1][1]
        )

    def _term(self) -> Term | None:
        return self.why.terms[self.page.choice] if self.why.terms else None

    def _ask(self, question: Question) -> None:
        """Goes on to a question; what was in .grad before is seldom what one wants to follow first."""
        why = answer(self.trace, question)
        first = next((i for i, term in enumerate(why.terms) if term.role != "before"), 0)
        self.path.append((why, first))

    def on_choice_page_chosen(self) -> None:
        self.action_follow()

    def action_follow(self) -> None:
        term = self._term()
        if term is not None and term.next is not None:
            self.path[-1] = (self.why, self.page.choice)
            self._ask(term.next)
            self._fill()

    def action_back(self) -> None:
        if len(self.path) > 1:
            self.path.pop()
            self._fill()
        else:
            self.dismiss(None)

    def action_go(self) -> None:
        term = self._term()
        self.dismiss((term.event if term is not None else 0) or self.why.event or None)

    def action_close(self) -> None:
        self.dismiss(None)
