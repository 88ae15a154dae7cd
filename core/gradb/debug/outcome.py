"""What testing a condition at a moment gave: `Outcome(holds, actual, threshold, what)`."""

from msgspec import Struct


class Outcome(Struct, frozen=True):
    """Whether the condition holds, the `actual` value beside its `threshold`, and `what` was looked at."""

    holds: bool
    actual: str
    threshold: str = ""
    what: str = ""

    def __str__(self) -> str:
        what = f"{self.what}: " if self.what else ""
        return f"{what}{self.actual}{f' ({self.threshold})' if self.threshold else ''}"
