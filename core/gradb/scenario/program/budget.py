"""What a program may use (`Budget`), and the errors that end one that uses more or that is to be cancelled."""

from dataclasses import dataclass

from gradb.errors import UserError


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one run: recorded events, seconds of wall time, and bytes of memory on top of what is in use."""

    events: int = 1_000_000
    seconds: float = 60.0
    bytes: int = 1 << 30


class BudgetExceeded(UserError):
    """The program used more than it may: `limit` is "events", "seconds" or "bytes", `value` what was allowed.

    `line` is the program's line that ran then; it and `where` are set when the program has stopped.
    """

    def __init__(self, limit: str, value: float, detail: str = "") -> None:
        shown = f"{value:,} {limit}" if isinstance(value, int) else f"{value:g} {limit}"
        super().__init__(
            f"the program needs more than {shown}{f': {detail}' if detail else ''}",
            allowed=f"{shown}; `limits:` in the file can lower this",
            fix=f"make the program smaller, or raise the limit on the command line with --max-{limit}",
        )
        self.limit = limit
        self.value = value
        self.line = 0


class Refused(UserError):
    """The program asked for something that programs may not do."""


class Cancelled(UserError):
    """The program was stopped because the user asked for it."""


raised: list[UserError] = []  # by the program that runs now: it is stopped even where it hides a Stop in a `finally`


class Stop(BaseException):
    """Ends the program from inside. Not an Exception, so that no `except` of the program can catch it."""

    def __init__(self, error: UserError | None = None) -> None:
        super().__init__(str(error))
        if error is not None:
            raised.append(error)
