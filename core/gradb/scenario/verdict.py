"""The outcome of one claim: `Verdict` says what was claimed, what was expected and what the run shows."""

from msgspec import Struct


class Verdict(Struct, frozen=True):
    """`address` is the event at which `actual` is seen; `place` is file, line and column of the claim. Either may be
    empty."""

    claim: str
    holds: bool
    expected: str
    actual: str
    address: str = ""
    place: str = ""
