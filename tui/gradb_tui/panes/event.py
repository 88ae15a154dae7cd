"""What happened: the current event in words, its formula in symbols and, below, in numbers."""

from gradb.trace.events import Event
from gradb.trace.formulas import Explanation, explain

from gradb_tui.panes.moment import Moment
from gradb_tui.panes.pane import Pane
from gradb_tui.panes.rows import Row, row
from gradb_tui.panes.wrap import wrap

KINDS = {
    "tensor_created": "tensor created",
    "requires_grad": "requires_grad switched",
    "forward": "forward op",
    "backward_started": "backward starts",
    "backward_finished": "backward ends",
    "visit": "backward visits a node",
    "fan_in": "gradients meet",
    "accumulate": "gradient accumulated",
    "zero_grad": "gradient cleared",
    "update": "parameter updated",
    "clipped": "gradients clipped",
    "scheduled": "learning rate scheduled",
    "printed": "printed",
    "plotted": "plotted",
    "raised": "error",
}
GLYPHS = {"forward": "▸", "backward": "◂", "update": "◆"}


def event_rows(event: Event, explanation: Explanation, phase: str, width: int) -> list[Row]:
    """The event at this width: its kind, the words, then each symbol line with its numbers under it."""
    kind = KINDS.get(event.kind, event.kind)
    rows = wrap(row((f"{GLYPHS[phase]} {kind}", "bad" if event.kind == "raised" else phase)), width, 2)
    for text in explanation.title.splitlines() or [""]:
        rows.extend(wrap(row((text, "strong")), width, 2))
    for i, symbols in enumerate(explanation.symbols):
        rows.extend(wrap(row("  ", (symbols, phase)), width, 6))
        if i < len(explanation.numbers):
            rows.extend(wrap(row("  ", _lined_up(symbols, explanation.numbers[i])), width, 6))
    for numbers in explanation.numbers[len(explanation.symbols) :]:
        rows.extend(wrap(row("  ", (numbers, "value")), width, 6))
    return rows


def _lined_up(symbols: str, numbers: str) -> tuple[str, str]:
    """The numbers with their first term under that of the symbols."""
    left, equals, _ = symbols.partition(" = ")
    pad = len(left) + 1 if equals else 0
    return (f"{' ' * pad}= {numbers}" if equals else numbers), "value"


class EventPane(Pane):
    """The current event, explained."""

    pane = "event"

    def draw(self, moment: Moment) -> None:
        if moment.event is None:
            self.set_rows((row(("Nothing has happened yet.", "dim")),))
            return
        phase = moment.trace.phase_of(moment.at)
        explanation = explain(moment.trace, moment.at, moment.element)
        self.set_rows(event_rows(moment.event, explanation, phase, self.size.width))
        self.scroll_rows_to(0)
