"""A user's own keys: `load_commands()` is the table of keys with those of the file `keys.toml` put in.

The file has a table `[keys]` of command names and keys, such as `next-node = "n"` or `step = ["s", "right", "ctrl+n"]`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from gradb.errors import UserError
from platformdirs import user_config_path
from textual.keys import Keys

from gradb_tui.keys.command import Command, key_name, key_of
from gradb_tui.keys.table import COMMANDS

UNTELLABLE = frozenset({"ctrl+left_square_bracket", "ctrl+[", "ctrl+i", "ctrl+h", "ctrl+m", "ctrl+j"})
MODIFIERS = frozenset({"ctrl", "shift", "alt"})
KNOWN = frozenset(key.value for key in Keys)


def keys_file() -> Path:
    """Where a user's keys are: on Linux $XDG_CONFIG_HOME/gradb/keys.toml."""
    return user_config_path("gradb", appauthor=False) / "keys.toml"


def load_commands(file: Path | None = None) -> tuple[Command, ...]:
    """The table with the user's keys; the table itself where there is no file. Raises UserError."""
    file = file or keys_file()
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return COMMANDS
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"the file of keys cannot be read: {error}", where=str(file)) from None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"the file of keys is not TOML: {error}", where=str(file)) from None
    try:
        return with_keys(document)
    except UserError as error:
        raise UserError(error.what, where=str(file), allowed=error.allowed, fix=error.fix) from None


def with_keys(document: Mapping[str, Any], commands: Sequence[Command] = COMMANDS) -> tuple[Command, ...]:
    """The table with the keys of a document put in. Raises UserError for a name, a key or a clash."""
    other = next((name for name in document if name != "keys"), None)
    given: Any = document.get("keys", {})
    if other is not None or not isinstance(given, dict):
        raise UserError(f"{other or 'keys'!r} is not a table of keys", allowed='[keys], then lines as next-node = "n"')
    names = {command.name for command in commands if not command.on_a_page}
    own: dict[str, tuple[str, ...]] = {}
    for name, keys in given.items():
        if name not in names:
            raise UserError(f"there is no command {name!r}", allowed=", ".join(sorted(names)))
        own[name] = tuple(_key(name, key) for key in (keys if isinstance(keys, list) else [keys]))
    changed = tuple(replace(c, keys=own[c.name], also=()) if c.name in own and not c.on_a_page else c for c in commands)
    _refuse_clashes(changed)
    return changed


def _key(name: str, text: object) -> str:
    if not isinstance(text, str) or not text:
        raise UserError(f"{name}: {text!r} is not a key", allowed='a text such as "n", "ctrl+n", "F5", "]"')
    key = key_of(text)
    *modifiers, last = key.split("+")
    if key in UNTELLABLE:
        raise UserError(f"{name}: a terminal cannot tell {text} from another key", fix="take another key")
    known = len(last) == 1 or last in KNOWN or (last.replace("_", "").isalpha() and key_name(last) != last)
    if not known or not set(modifiers) <= MODIFIERS:
        raise UserError(f"{name}: {text!r} is not a key", allowed="one character, F1 to F24, Home, PgUp, Enter, ...")
    return key


def _refuse_clashes(commands: Sequence[Command]) -> None:
    owner: dict[str, Command] = {}
    for command in commands:
        if command.on_a_page:
            continue
        for key in command.keys:
            first = owner.setdefault(key, command)
            if first is not command:
                raise UserError(
                    f"{key_name(key)} would be the key of {first.name} and of {command.name}",
                    fix=f"give {first.name} or {command.name} another key as well",
                )


def keymap(commands: Sequence[Command]) -> dict[str, str]:
    """What to tell Textual: the keys of each command that has others than in the table."""
    default = {command.binding_id: command for command in COMMANDS}
    return {c.binding_id: ",".join(c.keys) or "none" for c in commands if c.keys != default[c.binding_id].keys}
