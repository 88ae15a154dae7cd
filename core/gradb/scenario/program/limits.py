"""Bounds on numbers, texts and lists: `check_bits`, `check_length`. What would grow beyond them ends the program."""

from typing import Any

from gradb.scenario.program.budget import Refused, Stop

MAX_BITS = 1 << 16  # of a whole number: 2 ** 65536 has 19 729 digits
MAX_LENGTH = 10_000_000  # of a text, a list, a range
MAX_PRODUCTS = 1 << 30  # that numpy multiplies one by one in one call: some seconds
MAX_ELEMENTS = 1 << 28  # of a tensor or an array, which may stand for more elements than it has memory


def refuse(what: str, allowed: str = "", fix: str = "") -> Stop:
    """The signal that ends the program; its line is added where it is caught."""
    return Stop(Refused(what, allowed=allowed, fix=fix))


def too_long(length: int) -> Stop:
    """The signal for a text or list of that length."""
    return refuse(f"a text or list of {length:,} elements would come to be", f"{MAX_LENGTH:,} elements")


def too_large() -> Stop:
    """The signal for a whole number with too many bits."""
    return refuse("a whole number becomes too large", f"whole numbers of up to {MAX_BITS:,} bits")


def check_bits(number: Any) -> None:
    """Refuses a whole number of more than MAX_BITS bits."""
    if isinstance(number, int) and number.bit_length() > MAX_BITS:
        raise too_large()


def check_length(length: int) -> None:
    """Refuses a text or list of more than MAX_LENGTH elements."""
    if length > MAX_LENGTH:
        raise too_long(length)
