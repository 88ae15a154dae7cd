"""What a key does: `Command` is a row of the table. `bindings` and `hints` make of the rows what Textual needs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding

Where = Literal["app", "walk", "pane", "page", "help", "breakpoints", "why", "fork", "claim"]

_NAMES = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "comma": ",",
    "full_stop": ".",
    "apostrophe": "'",
    "quotation_mark": '"',
    "plus": "+",
    "greater_than_sign": ">",
    "less_than_sign": "<",
    "minus": "-",
    "space": "Space",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "tab": "Tab",
    "escape": "Esc",
    "enter": "Enter",
    "backspace": "Backspace",
    "delete": "Del",
    "insert": "Ins",
}
_MODIFIERS = {"ctrl": "Ctrl", "shift": "Shift", "alt": "Alt"}


@dataclass(frozen=True, slots=True)
class Command:
    """What some keys do. `label` names it in the palette and hints, `help` is its row on the help screen.

    `where` is what takes the keys. `hint` is its word on the bottom line, empty where it stands only in the help.
    `also` are keys that do the same and are not shown, such as those that a terminal sends for another.
    """

    keys: tuple[str, ...]
    action: str
    label: str
    help: str
    group: str
    where: Where = "walk"
    hint: str = ""
    also: tuple[str, ...] = ()

    @property
    def key_text(self) -> str:
        """The keys as a reader knows them."""
        return " ".join(key_name(key) for key in self.keys)

    @property
    def name(self) -> str:
        """What the file of keys calls it: `next-node`."""
        move = re.fullmatch(r"move\('(\w+)'\)", self.action)
        return (move[1] if move else re.sub(r"\W+", "_", self.label.lower()).strip("_")).replace("_", "-")

    @property
    def binding_id(self) -> str:
        """What Textual calls it; `where` keeps those of a page apart from those of the walk."""
        return f"{self.where}.{self.name}"

    @property
    def on_a_page(self) -> bool:
        """Whether it is a key of a page over the screen, which has its own."""
        return self.where not in ("app", "walk", "pane")


def key_name(key: str) -> str:
    """A key of Textual's as a reader knows it: `]` for right_square_bracket, Shift+F11 for shift+f11."""
    *modifiers, last = key.split("+")
    last = _NAMES.get(last, last.upper() if modifiers or re.fullmatch(r"f\d+", last) else last)
    return "+".join([*(_MODIFIERS.get(modifier, modifier) for modifier in modifiers), last])


def key_of(text: str) -> str:
    """The key that a reader means by a name, as Textual calls it: right_square_bracket for `]`; the inverse."""
    by_name = {name.lower(): key for key, name in _NAMES.items()}
    *modifiers, last = text.split("+") if len(text) > 1 else [text]
    last = by_name.get(last.lower(), last if len(text) == 1 else last.lower())
    return "+".join([*(modifier.lower() for modifier in modifiers), last])


def bindings_of(commands: Sequence[Command], where: Where) -> list[Binding]:
    """The bindings of a screen. Those of the walk go first, so that no pane swallows a key."""
    return [
        Binding(",".join((*c.keys, *c.also)), c.action, c.label, show=False, priority=where == "walk", id=c.binding_id)
        for c in commands
        if c.where == where
    ]


def bindings(where: Where) -> list[Binding]:
    """The bindings of a screen before a user's own keys."""
    from gradb_tui.keys.table import COMMANDS

    return bindings_of(COMMANDS, where)


def hints(commands: Sequence[Command]) -> list[tuple[str, str]]:
    """The bottom line: the keys and what they move by, a move together with its reverse, as in `("s/S", "event")`."""
    found: dict[str, list[str]] = {}
    for command in commands:
        if command.hint and command.keys:
            found.setdefault(command.hint, []).append(key_name(command.keys[0]))
    return [("/".join(keys), hint) for hint, keys in found.items()]
