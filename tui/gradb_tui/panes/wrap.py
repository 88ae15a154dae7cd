"""Long lines made to fit: `wrap(row, width)` breaks at blanks where it can, with a hanging indent."""

import re

from rich.cells import cell_len, set_cell_size

from gradb_tui.panes.rows import Row, Span, visible

# Chinese and Japanese have no blanks: a line may end after each character, but not before a closing sign.
WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
_CLOSING = "，。、；：！？）》」』”’…"
_UNBROKEN = re.compile(rf"[（《「『“‘]*[{WIDE}][{_CLOSING}]*|[^{WIDE}]+")
_BREAKS = re.compile(rf"[（《「『“‘]*[{WIDE}]")


def wrap(long: Row, width: int, indent: int = 0) -> list[Row]:
    """The row as rows of at most `width` cells; those after the first begin with `indent` blanks.

    A no-break space keeps together what stands around it.
    """
    if width <= 0:
        return []
    if cell_len(visible(long.text)) <= width:
        return [long]
    margin = list[Span]([(" " * min(indent, width // 2), "plain")])
    left = len(margin[0][0])
    rows: list[Row] = []
    line: list[Span] = []
    used = 0
    for word in _words(long):
        size = cell_len("".join(text for text, _ in word).rstrip(" "))
        if used + size > width and any(text.strip() for text, _ in line):
            rows.append(Row(tuple(line), long.role))
            line, used = margin.copy(), left
        for text, role in word:
            while used + cell_len(text.rstrip(" ")) > width:
                head = fitting(text, width - used) or text[: used <= left]
                rows.append(Row((*line, (head, role)), long.role))
                text, line, used = text[len(head) :], margin.copy(), left
            if line and line[-1][1] == role and not text.isascii():
                line[-1] = (line[-1][0] + text, role)
            else:
                line.append((text, role))
            used += cell_len(text)
    rows.append(Row(tuple(line), long.role))
    return rows


def fitting(text: str, width: int) -> str:
    """As much of the beginning of the text as fits."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width).rstrip(" ") if not text.isascii() else text[: max(width, 0)]


def shorten(text: str, width: int) -> str:
    """The text, or its beginning with an ellipsis."""
    if cell_len(text) <= width:
        return text
    return fitting(text, width - 1) + "…" if width > 0 else ""


def _words(long: Row) -> list[list[Span]]:
    """The row cut after each blank and each wide character; a word may go over several spans."""
    words: list[list[Span]] = [[]]
    for text, role in long.spans:
        parts = text.split(" ")
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            piece = visible(part) + ("" if last else " ")
            for place, unbroken in enumerate([piece] if piece.isascii() else _UNBROKEN.findall(piece)):
                if unbroken and (place or _BREAKS.match(unbroken)) and unbroken[0] not in _CLOSING:
                    words.append([])
                words[-1] += [(unbroken, role)] if unbroken else []
            if not last:
                words.append([])
    return [word for word in words if word]
