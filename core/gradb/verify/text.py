"""Printed text on two engines: `same_text(found, expected, steps)` says whether it is equal, near, or another."""

import re

from gradb.verify.tolerance import RELATIVE

_ADDRESS = re.compile(r"\b0x[0-9a-f]+")
_NUMBER = re.compile(r"(-?\d+\.\d*(?:e[+-]?\d+)?|-?\d+e[+-]?\d+)")


def same_text(found: str, expected: str, steps: int) -> bool | None:
    """True for equal texts; None where they are equal but for numbers that are near; else False.

    Addresses of objects in memory count as equal. Numbers are near within the tolerance of float32, or where they
    differ by one in the last digit that is printed.
    """
    found, expected = _ADDRESS.sub("0x", found), _ADDRESS.sub("0x", expected)
    if found == expected:
        return True
    ours, theirs = _NUMBER.split(found), _NUMBER.split(expected)
    if len(ours) != len(theirs) or ours[::2] != theirs[::2]:
        return False
    return None if all(_near(a, b, steps) for a, b in zip(ours[1::2], theirs[1::2], strict=True)) else False


def _near(found: str, expected: str, steps: int) -> bool:
    a, b = float(found), float(expected)
    unit = max(_last_digit(found), _last_digit(expected))
    return abs(a - b) <= max(RELATIVE["float32"] * max(steps, 1) ** 0.5 * max(abs(a), abs(b)), 1.001 * unit)


def _last_digit(text: str) -> float:
    """What one in the last printed digit is worth."""
    digits, _, exponent = text.partition("e")
    return 10.0 ** (int(exponent or 0) - len(digits.partition(".")[2]))
