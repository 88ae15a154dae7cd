"""A scenario that has been read and checked: what to run, what to tell the reader, what is expected."""

from collections.abc import Mapping

from msgspec import Struct

from gradb.scenario.claims import Claim
from gradb.scenario.schema import Limits
from gradb.trace.events import Array


class Note(Struct, frozen=True):
    """What is said to the reader while the cursor is at an address."""

    at: str
    say: str


class Scenario(Struct, frozen=True):
    """`filename`, `first_line` and `first_column` say where the program stands, for messages about it.

    The texts are in the reader's language; `english_title` stands in the trace, which is the same for every reader.
    `data` holds the arrays that the program gets as tensors, by their names.

    `document` is the YAML text. `saved` is the path of the trace file that has its run, where it was opened from one.
    `bundled` is its name where it came with gradb. `trusted` is true for the user's own script, which runs as plain
    Python, with `arguments` in `sys.argv`. A scenario's program may come from a stranger: it is checked before it runs,
    and reaches nothing but the dialect.
    """

    title: str
    program: str
    about: str = ""
    data: Mapping[str, Array] = {}
    watch: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    claims: tuple[Claim, ...] = ()
    limits: Limits = Limits()
    filename: str = "<text>"
    first_line: int = 1
    first_column: int = 1
    trusted: bool = False
    arguments: tuple[str, ...] = ()
    english_title: str = ""  # where it is not the title
    bundled: str = ""
    document: str = ""
    saved: str = ""
