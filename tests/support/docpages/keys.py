"""The keys of the debugger, the words of its prompt and its signs, from the tables that the debugger itself uses."""

from collections.abc import Callable

from gradb_tui.keys import COMMANDS, PANES, Command
from gradb_tui.prompt import TOPICS, WORDS
from gradb_tui.screens.help import SIGNS

from docpages.table import code, table


def keys() -> str:
    """Every key of the screen, by group."""
    shown = [command for command in COMMANDS if not command.on_a_page]
    parts: list[str] = []
    for group in dict.fromkeys(command.group for command in shown):
        rows = [(_keys(command), command.help, code(command.name)) for command in shown if command.group == group]
        parts.append(f"### {group}\n\n{table(('keys', 'what they do', 'name in `keys.toml`'), rows)}")
    return "\n\n".join(parts)


def page_keys() -> str:
    """The keys of the pages that lie over the screen."""
    rows = [(_keys(command), command.help) for command in COMMANDS if command.on_a_page]
    return table(("keys", "what they do"), rows)


def panes() -> str:
    """The panes by number."""
    rows = [(str(number), name, what) for number, (name, what) in enumerate(PANES.items(), 1)]
    return table(("key", "pane", "what it shows"), rows)


def words() -> str:
    """The words of the prompt."""
    rows = [(code(word.usage), word.help) for word in WORDS]
    return f"{table(('word', 'what it does'), rows)}\n\nTOPIC is one of: {', '.join(map(code, TOPICS))}."


def signs() -> str:
    """What the signs on the screen mean."""
    return table(("sign", "meaning"), [(code(sign), meaning) for sign, meaning in SIGNS])


def _keys(command: Command) -> str:
    return " ".join(code(key) for key in command.key_text.split(" "))


PARTS: dict[str, Callable[[], str]] = {
    "keys": keys,
    "page-keys": page_keys,
    "panes": panes,
    "words": words,
    "signs": signs,
}
