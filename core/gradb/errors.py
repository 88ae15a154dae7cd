"""The error that a user's mistake becomes: `UserError` says what is wrong, where, what is allowed and what to do."""


class UserError(Exception):
    """A mistake that a user can mend. The command line prints it once, without a traceback, and exits with 2.

    `what`: what was found, in one sentence. `where`: file, line and column, the key's path, or an event's address.
    `allowed`: what would have been accepted. `fix`: what to do next.
    """

    def __init__(self, what: str, *, where: str = "", allowed: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.allowed = allowed
        self.fix = fix

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.allowed:
            lines.append(f"  allowed: {self.allowed}")
        if self.fix:
            lines.append(f"  to do: {self.fix}")
        return "\n".join(lines)
