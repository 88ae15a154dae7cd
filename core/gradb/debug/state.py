"""What is kept of a scenario between sessions: `load_state(source)`, `save_state(source, state)`.

One JSON file for each scenario, in the user's state folder: `$XDG_STATE_HOME/gradb` or `~/.local/state/gradb`, on macOS
`~/Library/Application Support/gradb`, on Windows `%LOCALAPPDATA%\\gradb`.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec
import platformdirs
from msgspec import Struct

from gradb.debug.breakpoint import Breakpoint
from gradb.debug.breakpoints import Breakpoints
from gradb.errors import UserError

VERSION = 1
MAX_BYTES = 1_000_000
MAX_HISTORY = 200


class State(Struct, frozen=True):
    """Breakpoints, bookmarks (a letter and an address each), watched texts, and the lines typed at the prompt."""

    breakpoints: tuple[Breakpoint, ...] = ()
    bookmarks: dict[str, str] = {}
    watch: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    version: int = VERSION
    source: str = ""  # for who looks into the file


def state_folder() -> Path:
    """Where the files are."""
    return Path(platformdirs.user_state_path("gradb", appauthor=False))


def key_of(source: str) -> str:
    """What a source is told by: the absolute path of a file, the name of a bundled scenario."""
    path = Path(source)
    return str(path.resolve()) if path.suffix or path.name != source else source


def state_file(source: str, folder: Path | None = None) -> Path:
    """The file of a source."""
    key = key_of(source)
    name = "".join(c if c.isalnum() else "-" for c in Path(key).stem)[:40]
    return (folder or state_folder()) / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


def load_state(source: str, folder: Path | None = None) -> tuple[State, str]:
    """What was kept, and a message: empty, or why the file was ignored. A file that is not there is no fault."""
    path = state_file(source, folder)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return State(), ""
    except OSError as error:
        return State(), f"{path} is ignored: {error.strerror}"
    if len(data) > MAX_BYTES:
        return State(), f"{path} is ignored: it is larger than {MAX_BYTES} bytes"
    try:
        state = msgspec.json.decode(data, type=State)
        if state.version != VERSION:
            return State(), f"{path} is ignored: it is of version {state.version}, this gradb knows {VERSION}"
        kept = Breakpoints.from_plain(msgspec.to_builtins(state.breakpoints))  # reads each condition again
    except (msgspec.DecodeError, UserError, RecursionError) as error:
        return State(), f"{path} is ignored: {str(error).splitlines()[0]}"
    return msgspec.structs.replace(state, breakpoints=tuple(kept)), ""


def save_state(source: str, state: State, folder: Path | None = None) -> str:
    """Writes what is to be kept; all of it or nothing. Returns a message: empty, or why it could not be written."""
    path = state_file(source, folder)
    lasting = tuple([one for one in state.breakpoints if not one.temporary])
    kept = msgspec.structs.replace(
        state, breakpoints=lasting, history=state.history[-MAX_HISTORY:], source=key_of(source), version=VERSION
    )
    data = msgspec.json.format(msgspec.json.encode(kept), indent=2)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    except OSError as error:
        return f"{path} cannot be written: {error.strerror}"
    return ""
