"""The help page: every key of the table, by group, and what the signs on the screen mean."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from gradb_tui.keys import COMMANDS, Command
from gradb_tui.panes.event import GLYPHS
from gradb_tui.screens.message import MessageScreen

SIGNS = (
    ("▶", "the line of the current event"),
    ("·  *", "a line that has events; a line that has a note"),
    (f"{GLYPHS['forward']}  {GLYPHS['backward']}  {GLYPHS['update']}", "an event of forward, of backward, of update"),
    ("(w)  ‹x›", "graph: a leaf that requires grad; a constant"),
    ("[mul]  {loss}", "graph: an op; the root that backward starts from"),
    ("○  ‹  □", "watch: a leaf that requires grad; a constant; the result of an op"),
    ("◉", "watch: the tensor that the tensor pane is kept on"),
    ("↑3 ↓7", "so many rows are out of sight above and below"),
)


def help_text(commands: Sequence[Command] = COMMANDS) -> Content:
    """The page. Each command is a row of its keys and its help."""
    wide = max(len(command.key_text) for command in commands)
    parts: list[Content] = [Content("A small letter goes forwards, its capital goes back; in every pane alike.\n")]
    for group in dict.fromkeys(command.group for command in commands):
        parts.append(Content.styled(f"\n{group}\n", "bold $text-primary"))
        for command in commands:
            if command.group == group:
                parts.append(Content.styled(f"  {command.key_text:<{wide}}", "bold $text-accent"))
                parts.append(Content(f"  {command.help}\n"))
    parts.append(Content.styled("\nSigns\n", "bold $text-primary"))
    for sign, meaning in SIGNS:
        parts += [Content.styled(f"  {sign:<{wide}}", "bold"), Content(f"  {meaning}\n")]
    parts.append(
        Content(
            "\nMoments: the screen shows the run just after the current event. An address such as step3/backward/17 "
            "names an event by training step, phase and place in it; gradb replay and expectations use the same."
        )
    )
    return Content("").join(parts)


class HelpScreen(MessageScreen):
    """The keys and the signs."""

    def __init__(self) -> None:
        super().__init__("Help", "")

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="page help") as page:
            page.border_title = Content("Keys and signs")
            page.border_subtitle = Content("↑ ↓ scroll · Esc closes")
            yield Static(help_text())
