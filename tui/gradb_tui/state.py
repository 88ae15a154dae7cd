"""What is remembered from one session to the next, in the user's state folder: `State.load()`, `state.save()`."""

import os
from pathlib import Path

from msgspec import DecodeError, Struct, ValidationError, field, json
from platformdirs import user_state_path

HISTORY = 200  # lines of the prompt that are kept


def state_file() -> Path:
    """Where the state is kept: on Linux $XDG_STATE_HOME/gradb/state.json."""
    return user_state_path("gradb", appauthor=False) / "state.json"


class State(Struct):
    """Hidden panes, the theme, the lines of the prompt, breakpoints by source; whether the user was greeted before."""

    hidden: list[str] = field(default_factory=list[str])
    theme: str = ""
    history: list[str] = field(default_factory=list[str])
    breakpoints: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    greeted: bool = False

    @classmethod
    def load(cls) -> "State":
        """What was saved last; as if for the first time where nothing can be read."""
        try:
            return json.decode(state_file().read_bytes(), type=cls)
        except (OSError, DecodeError, ValidationError):
            return cls()

    def save(self) -> None:
        """Writes the state. A folder that cannot be written to is no reason to bother the user."""
        file = state_file()
        self.history = self.history[-HISTORY:]
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f"{file.name}.{os.getpid()}.new")
            new.write_bytes(json.format(json.encode(self)))
            new.replace(file)
        except OSError:
            return
