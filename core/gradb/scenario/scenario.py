"""A scenario that has been read and checked: what to run, what to tell the reader, what is expected."""

from msgspec import Struct

from gradb.scenario.claims import Claim
from gradb.scenario.schema import Limits, Note


class Scenario(Struct, frozen=True):
    """`filename`, `first_line` and `first_column` say where the program stands, for messages about it.

    `trusted` is true for the user's own script, which runs as plain Python; a scenario's program may come from a
    stranger, is checked before it runs, and reaches nothing but the dialect.
    """

    title: str
    program: str
    about: str = ""
    watch: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    claims: tuple[Claim, ...] = ()
    limits: Limits = Limits()
    filename: str = "<text>"
    first_line: int = 1
    first_column: int = 1
    trusted: bool = False
