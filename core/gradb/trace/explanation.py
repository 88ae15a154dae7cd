"""What is said of an event: `Explanation(title, symbols, numbers)`."""

from msgspec import Struct


class Explanation(Struct, frozen=True):
    """`title` is one line; `symbols` and `numbers` go together line by line, and `numbers` may be shorter."""

    title: str
    symbols: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
