"""Every key of the debugger, in one table: `COMMANDS` makes the bindings, the help screen, the palette and the hints.

A small letter goes forwards and its capital goes back; a key means the same in every pane. Keys that a terminal
cannot tell from others (ctrl+[ is Escape, ctrl+i Tab, ctrl+h Backspace) are never bound.
"""

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

Where = Literal["app", "walk", "pane", "help"]

PANES: dict[str, str] = {
    "source": "the program, with the current line marked",
    "event": "what happened, with its formula in symbols and in numbers",
    "tensor": "value, grad, flags and health of the event's tensor, and who wrote them",
    "graph": "what was computed from what, and where the gradient flows now",
    "charts": "the loss over the steps, and what the program plotted",
    "notes": "what the scenario says here, and what was printed up to here",
    "watch": "the variables and their values",
}

_NAMES = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "question_mark": "?",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "tab": "Tab",
    "shift+tab": "Shift+Tab",
    "escape": "Esc",
    "enter": "Enter",
    "ctrl+c": "Ctrl+C",
    "ctrl+p": "Ctrl+P",
    "ctrl+q": "Ctrl+Q",
    "shift+up": "Shift+↑",
    "shift+down": "Shift+↓",
    "f1": "F1",
}


@dataclass(frozen=True, slots=True)
class Command:
    """What some keys do. `label` names it in the palette and hints, `help` is its row on the help screen.

    `where` is what takes the keys. `hint` is its word on the bottom line, empty where it stands only in the help.
    """

    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    group: str
    where: Where = "walk"
    hint: str = ""

    @property
    def key_text(self) -> str:
        """The keys as a reader knows them."""
        return " ".join(key_name(key) for key in self.keys)


def key_name(key: str) -> str:
    """A key of Textual's as a reader knows it: `]` for right_square_bracket."""
    return _NAMES.get(key, key)


def _move(
    on: tuple[str, ...], back: tuple[str, ...], moves: tuple[str, str], what: tuple[str, str], hint: str
) -> tuple[Command, Command]:
    """A move forwards and its reverse."""
    return (
        Command(on, f"move('{moves[0]}')", _sentence(what[0]), what[0], "Time", hint=hint),
        Command(back, f"move('{moves[1]}')", _sentence(what[1]), what[1], "Time", hint=hint),
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


COMMANDS: tuple[Command, ...] = (
    *_move(("s", "right"), ("S", "left"), ("step", "back"), ("one event on", "one event back"), "event"),
    *_move(
        ("n",),
        ("N",),
        ("next_node", "previous_node"),
        ("to the next node that backward visits", "to the visit before"),
        "node",
    ),
    *_move(
        ("f",),
        ("F",),
        ("end_of_phase", "start_of_phase"),
        ("to the end of this phase (forward, backward, update)", "to the start of this phase"),
        "phase",
    ),
    *_move(
        ("right_square_bracket",),
        ("left_square_bracket",),
        ("next_step", "previous_step"),
        ("to the next training step", "to the start of this step, then the step before"),
        "step",
    ),
    *_move(
        ("pagedown",),
        ("pageup",),
        ("tenth_on", "tenth_back"),
        ("a tenth of the run on", "a tenth of the run back"),
        "",
    ),
    *_move(("G", "end"), ("g", "home"), ("end", "start"), ("to the last event", "to the first event"), ""),
    Command(("tab",), "next_pane", "Next pane", "to the next pane", "Panes", hint="pane"),
    Command(("shift+tab",), "previous_pane", "Previous pane", "to the pane before", "Panes"),
    *(
        Command((str(n),), f"pane('{pane}')", f"Pane: {pane}", f"{pane}: {what}", "Panes")
        for n, (pane, what) in enumerate(PANES.items(), start=1)
    ),
    Command(("z",), "zoom", "Enlarge pane", "give the pane the whole screen, and take it back", "Panes"),
    Command(("down",), "scroll('1')", "Scroll down", "one line down in the pane", "Panes", "pane"),
    Command(("up",), "scroll('-1')", "Scroll up", "one line up in the pane", "Panes", "pane"),
    Command(("shift+down",), "scroll('page')", "Scroll a page down", "one page down in the pane", "Panes", "pane"),
    Command(("shift+up",), "scroll('-page')", "Scroll a page up", "one page up in the pane", "Panes", "pane"),
    Command(("enter",), "choose", "Select", "in watch and graph: keep the tensor pane on this tensor", "Look", "pane"),
    Command(
        ("escape",),
        "escape",
        "Let go",
        "the tensor pane follows the event again; stops a run that is recording",
        "Look",
    ),
    Command(("p",), "next_chart", "Next chart", "charts: the loss, then each figure that the program plotted", "Look"),
    Command(("question_mark", "f1"), "help", "Help", "this page", "Application", "app", "help"),
    Command(("ctrl+p",), "command_palette", "Palette", "every command by name", "Application", "app"),
    Command(("ctrl+c",), "interrupt", "Stop recording", "stops a run that is recording", "Application", "app"),
    Command(("q", "ctrl+q"), "quit", "Quit", "quit", "Application", "app", "quit"),
    Command(("escape", "q", "question_mark", "f1"), "close", "Close", "closes this page", "This page", "help"),
)


def bindings(where: Where) -> list[Binding]:
    """The bindings of a screen. Those of the walk go first, so that no pane swallows a key."""
    return [
        Binding(",".join(c.keys), c.action, c.label, show=False, priority=where == "walk", id=f"{where}.{c.action}")
        for c in COMMANDS
        if c.where == where
    ]


def hints() -> list[tuple[str, str]]:
    """The bottom line: the keys and what they move by, a move together with its reverse, as in `("s/S", "event")`."""
    found: dict[str, list[str]] = {}
    for command in COMMANDS:
        if command.hint:
            found.setdefault(command.hint, []).append(key_name(command.keys[0]))
    return [("/".join(keys), hint) for hint, keys in found.items()]
