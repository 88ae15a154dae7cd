"""Markdown as rows: paragraphs and lists made to fit, with **strong** words and `code`: `prose(text, width)`."""

import re
from collections.abc import Iterator

from gradb_tui.panes.rows import BLANK, Row, Span
from gradb_tui.panes.wrap import WIDE, wrap

_INLINE = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`")
_WIDE_ENDS = re.compile(rf"(?<=[{WIDE}])\n(?=[{WIDE}])")  # where Chinese goes on in the next line, without a blank
_ITEM = re.compile(r"(?:[-*]|\d+[.)])\s+")


def prose(text: str, width: int, role: str = "plain") -> list[Row]:
    """The text at a width. Lines of a paragraph flow together; `- ` begins an item of a list."""
    rows: list[Row] = []
    for block in _blocks(text):
        if not block:
            if rows:
                rows.append(BLANK)
            continue
        item = _ITEM.match(block)
        rows.extend(wrap(Row(tuple(spans(block, role))), width, item.end() if item else 0))
    while rows and not rows[-1].spans:
        rows.pop()
    return rows


def spans(text: str, role: str = "plain") -> Iterator[Span]:
    """One line with its marks taken away: what was **strong** or `code` has that role."""
    done = 0
    for found in _INLINE.finditer(text):
        if found.start() > done:
            yield text[done : found.start()], role
        yield (found[1].replace("`", ""), "strong") if found[1] else (found[2], "value" if role == "plain" else role)
        done = found.end()
    if done < len(text):
        yield text[done:], role


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs and items, each on one line; an empty text stands for the gap between two paragraphs."""
    block: list[str] = []
    for line in (*text.strip().splitlines(), ""):
        line = line.strip()
        if block and (not line or _ITEM.match(line)):
            yield _WIDE_ENDS.sub("", "\n".join(block)).replace("\n", " ")
            block = []
        if line:
            block.append(line.lstrip("#").lstrip() if line.startswith("#") else line)
        else:
            yield ""
