"""What is remembered of a user, whatever is open: `Preferences.load()`, `preferences.save()`, in the state folder."""

import os
from pathlib import Path

from gradb.debug.state import state_folder
from msgspec import DecodeError, Struct, ValidationError, field, json


def preferences_file() -> Path:
    """Where they are kept: on Linux $XDG_STATE_HOME/gradb/preferences.json."""
    return state_folder() / "preferences.json"


class Preferences(Struct):
    """The panes that are hidden, the theme, and whether the user was greeted before."""

    hidden: list[str] = field(default_factory=list[str])
    theme: str = ""
    greeted: bool = False

    @classmethod
    def load(cls) -> "Preferences":
        """What was saved last; as if for the first time where nothing can be read."""
        try:
            return json.decode(preferences_file().read_bytes(), type=cls)
        except (OSError, DecodeError, ValidationError):
            return cls()

    def save(self) -> None:
        """Writes them. A folder that cannot be written to is no reason to bother the user."""
        file = preferences_file()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f"{file.name}.{os.getpid()}.new")
            new.write_bytes(json.format(json.encode(self)))
            new.replace(file)
        except OSError:
            return
