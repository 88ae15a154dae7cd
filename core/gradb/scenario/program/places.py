"""Where something of a program stands in the user's file: `Place(filename, first_line).of(line)`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """The program's place in its file: line 1 of the program is `first_line`, column 1 is `first_column`."""

    filename: str
    first_line: int = 1
    first_column: int = 1

    def of(self, line: int, column: int | None = None) -> str:
        """`file:line:column` for a line of the program (from 1) and a column in it (from 0)."""
        text = f"{self.filename}:{self.first_line - 1 + line}"
        return text if column is None else f"{text}:{self.first_column + column}"
