"""A screen as SVG with each text as wide as its cells: `widened(picture)`."""

import re
from html import unescape

from rich.cells import cell_len

_TEXT = re.compile(r'textLength="([\d.]+)"([^>]*)>([^<]*)<')


def widened(picture: str) -> str:
    """The SVG that rich writes, where texts with wide characters, such as Chinese, take as many cells as they do in a
    terminal: rich counts characters."""
    return _TEXT.sub(_with_its_cells, picture)


def _with_its_cells(found: re.Match[str]) -> str:
    length, attributes, shown = found.groups()
    text = unescape(shown)
    cells = cell_len(text)
    if not text or cells == len(text):
        return found[0]
    return f'textLength="{float(length) / len(text) * cells:g}"{attributes}>{shown}<'
