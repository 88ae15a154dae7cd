"""Text in rows: `row("value ", ("1.5", "value"))` is one line of spans, each a text and its role.

The theme says how a role looks. Text is shown as it is, never read as markup, and its control characters become
visible signs (`visible`), so no program can write to the terminal through it.
"""

from typing import NamedTuple, TypeAlias

Span: TypeAlias = tuple[str, str]

ROLES = (
    "plain",
    "dim",
    "strong",
    "title",
    "value",
    "grad",
    "good",
    "bad",
    "warn",
    "forward",
    "backward",
    "update",
    "now",
    "ahead",
    "keyword",
    "string",
    "number",
    "comment",
    "line",
    "chosen",
    "key",
)


class Row(NamedTuple):
    """One line of a pane: its spans, and a role for the whole line (such as `line`, the current one)."""

    spans: tuple[Span, ...] = ()
    role: str = "plain"

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.spans)


BLANK = Row()

# The screens that show rows hold the styles of the roles: on each pane they would be computed anew at every focus.
ROLE_CLASSES = {f"rows--{role}" for role in ROLES}


def row(*spans: Span | str, role: str = "plain") -> Row:
    """A row of spans; a bare text is a plain span."""
    return Row(tuple((span, "plain") if isinstance(span, str) else span for span in spans), role)


def visible(text: str) -> str:
    """The text on one line, with every character that does not print replaced by a sign for it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _sign(c) for c in text.expandtabs(4))


def _sign(character: str) -> str:
    code = ord(character)
    if character == "\xa0":
        return " "
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"
