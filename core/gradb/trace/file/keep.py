"""Which values a trace file keeps: `parse_keep("window:10-20")` or `"every:5"`, and `parse_size("500MB")`."""

import re
from pathlib import Path
from typing import Literal

from msgspec import Struct

from gradb.errors import UserError

KEEPS = "all, summary, window:10-20 (the values of steps 10 to 20), every:5 (of each fifth step)"
CHECKPOINT = 100  # steps from one set of parameters that is kept to the next

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}

_MOST = 1 << 62  # bytes


class Keep(Struct, frozen=True):
    """Of which steps values are kept. Of the others there are the health of each value, and parameters now and then.

    `budget` is how many bytes the values may take: those of the oldest steps go first. 0 is no limit.
    """

    how: Literal["all", "summary", "window", "every"] = "all"
    first: int = 0
    last: int = 0
    every: int = 1
    budget: int = 0

    @property
    def everything(self) -> bool:
        """Whether nothing is ever thinned."""
        return self.how == "all" and not self.budget

    def keeps(self, step: int) -> bool:
        """Whether the values of a step are kept, as long as the budget lasts."""
        match self.how:
            case "all":
                return True
            case "summary":
                return False
            case "window":
                return self.first <= step <= self.last
            case "every":
                return (step - 1) % self.every == 0

    def told(self, step: int) -> str:
        """What is not kept, in words, where the budget took the values up to a step (0: none); empty for nothing."""
        rest = "of others their health, and parameters now and then"
        match self.how:
            case "window":
                said = [f"values of steps {self.first} to {self.last} were kept; {rest}"]
            case "every" if self.every > 1:
                said = [f"values of every {ordinal(self.every)} step were kept; {rest}"]
            case "summary":
                said = ["no values were kept but their health, and parameters now and then"]
            case _:
                said = []
        if step:
            said.append(f"values up to step {step} were not kept, to stay within {self.budget:,} bytes")
        return "; ".join(said)

    def __str__(self) -> str:
        if self.how == "window":
            return f"window:{self.first}-{self.last}"
        return f"every:{self.every}" if self.how == "every" else self.how


ALL = Keep()


class Save(Struct, frozen=True):
    """A trace file to write, and what is kept in it."""

    path: Path
    keep: Keep = ALL


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 21st."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def parse_keep(text: str, budget: str = "") -> Keep:
    """What `--keep` and `--budget` say. Raises UserError."""
    size = parse_size(budget) if budget else 0
    given = text.strip().lower()
    if given in ("all", "summary"):
        return Keep(given, budget=size)
    window = re.fullmatch(r"window:([0-9]{1,9})-([0-9]{1,9})", given)
    if window is not None and 1 <= int(window[1]) <= int(window[2]):
        return Keep("window", first=int(window[1]), last=int(window[2]), budget=size)
    every = re.fullmatch(r"every:([0-9]{1,9})", given)
    if every is not None and int(every[1]) >= 1:
        return Keep("every", every=int(every[1]), budget=size)
    raise UserError(f"{text!r} does not say which values to keep", allowed=KEEPS)


def parse_size(text: str) -> int:
    """Bytes of `500MB`, `2 GiB` or `1000000`. Raises UserError."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)", text.strip())
    unit = _UNITS.get(found[2].upper()) if found is not None else None
    if found is None or unit is None or not 1 <= float(found[1]) * unit < _MOST:
        raise UserError(f"{text!r} is not a size", allowed="a number and kB, MB, GB, KiB, MiB or GiB, such as 500MB")
    return int(float(found[1]) * unit)
