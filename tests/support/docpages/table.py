"""Tables of Markdown: `table(("key", "meaning"), rows)`, and `code("w.grad")`."""

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; an upright bar in a cell is kept from ending it."""
    lines = [[cell.replace("|", "\\|") for cell in row] for row in (head, *rows)]
    marks = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], marks, *lines[1:]))


def code(text: str) -> str:
    """The text as code; where it holds a backtick itself, between two of them."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"
