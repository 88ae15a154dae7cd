"""The help page: every key of the table, by group, and what the signs on the screen mean."""

from collections.abc import Sequence

from gradb_tui.keys import COMMANDS, Command
from gradb_tui.panes.event import GLYPHS
from gradb_tui.panes.rows import BLANK, Row, row
from gradb_tui.prompt import WORDS
from gradb_tui.screens.message import MessageScreen, Page

SIGNS = (
    ("▶", "the line of the current event"),
    ("·  *  ●", "a line that has events; a line that has a note; a breakpoint"),
    (
        f"{GLYPHS['forward']} {GLYPHS['backward']} {GLYPHS['update']}",
        "an event of forward; of backward; of update, which is what follows backward in a step",
    ),
    ("∂L/∂w", "the gradient of L, the root that backward starts from, with respect to w"),
    ("mul#13", "a tensor that no variable holds: what made it, and a number of its own"),
    ("Σ  @  ᵀ  ∗", "formulas: a sum; a product of matrices; a matrix turned over; a convolution"),
    ("(w) ‹x›", "graph: a leaf that requires grad; a constant"),
    ("[mul] {loss}", "graph: an op; the root that backward starts from"),
    ("· ◇ ✓ ∅", "graph: a node that is not made yet; that has a gradient; that was visited; that was freed"),
    ("+ ↻", "graph: a node that this call made; one of the graph that torch.jit.trace captured"),
    ("«▸net.0»", "graph: a module in one box, which o opens"),
    ("○ ‹ □", "watch: a leaf that requires grad; a constant; the result of an op"),
    ("◈", "timeline: a bookmark"),
    ("◉", "watch: the tensor that the tensor pane is kept on"),
    ("∇2.5", "graph: the norm of the gradient that came to a node; before backward a value or a shape"),
    ("by, next", "tensor: the event that wrote the value or the grad last, and the one that writes it next"),
    ("↑3 ↓7", "so many rows are out of sight above and below"),
)
WORDS_TITLE = "Words of the : prompt"
REMARKS = (
    "The screen shows the run as it is just after the current event.",
    "An address such as step3/backward/17 names an event by training step, phase and place in it. "
    "gradb replay and the expectations of a scenario use the same addresses.",
    "With the mouse: click or drag on the timeline, click on a source line, a node or a variable.",
)


def help_lines(commands: Sequence[Command] = COMMANDS) -> list[tuple[Row, int]]:
    """The page. Each command is a line of its keys and its help; the number is the indent of a broken line."""
    texts = (*(c.key_text for c in commands), *(sign for sign, _ in SIGNS), *(word.usage for word in WORDS))
    wide = 4 + max(len(text) for text in texts)
    lines: list[tuple[Row, int]] = [(row("A small letter goes forwards, its capital goes back, in every pane."), 0)]
    for group in dict.fromkeys(command.group for command in commands):
        lines += [(BLANK, 0), (row((group, "title")), 0)]
        lines += [
            (row((f"  {command.key_text}".ljust(wide), "key"), command.help), wide)
            for command in commands
            if command.group == group
        ]
    lines += [(BLANK, 0), (row((WORDS_TITLE, "title")), 0)]
    lines += [(row((f"  {word.usage}".ljust(wide), "key"), word.help), wide) for word in WORDS]
    lines += [(BLANK, 0), (row(("Signs", "title")), 0)]
    lines += [(row((f"  {sign}".ljust(wide), "strong"), meaning), wide) for sign, meaning in SIGNS]
    for remark in REMARKS:
        lines += [(BLANK, 0), (row(remark), 0)]
    return lines


class HelpScreen(MessageScreen):
    """The keys and the signs."""

    def __init__(self, commands: Sequence[Command] = COMMANDS) -> None:
        super().__init__("Keys and signs", "")
        self.page = Page(help_lines(commands))
