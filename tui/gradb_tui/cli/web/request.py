"""What the server tells the process of a page, which debugger to open: `hand_over(Opened("leaf"))`, `taken_over()`.

It goes by the environment: the shell in which textual-serve starts the process then reads no text of the user's.
"""

import os
from pathlib import Path

from gradb.scenario.schema import Limits
from msgspec import Struct, json

_VARIABLE = "GRADB_SERVED"


class Opened(Struct, frozen=True):
    """What `gradb serve` was given. Nothing of it comes from a visitor.

    `shared` says that others may visit: then nothing is kept of a session, neither bookmarks nor preferences.
    """

    source: str | None = None
    limits: Limits = Limits()
    breaks: tuple[str, ...] = ()
    language: str = "en"
    shared: bool = False


def hand_over(opened: Opened) -> None:
    """Tells it to the processes that this one starts."""
    os.environ[_VARIABLE] = json.encode(opened).decode()


def taken_over() -> Opened:
    """What this process was told."""
    return json.decode(os.environ[_VARIABLE], type=Opened)


def subject(opened: Opened) -> str:
    """What the page is about, in a word."""
    return "gradb" if opened.source is None else f"gradb: {Path(opened.source).name}"
