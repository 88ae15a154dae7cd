"""Long lines made to fit: `wrap(row, width)` breaks at blanks where it can, with a hanging indent."""

from rich.cells import cell_len, set_cell_size

from gradb_tui.panes.rows import Row, Span, visible


def wrap(long: Row, width: int, indent: int = 0) -> list[Row]:
    """The row as rows of at most `width` cells; those after the first begin with `indent` blanks."""
    if width <= 0:
        return []
    if cell_len(visible(long.text)) <= width:
        return [long]
    indent = min(indent, width // 2)
    rows: list[Row] = []
    line: list[Span] = []
    used = 0
    for text, role in _pieces(long):
        size = cell_len(text)
        if used + size > width and used > indent:
            rows.append(Row(tuple(line), long.role))
            line, used = [(" " * indent, "plain")], indent
            text = text.lstrip()
            size = cell_len(text)
        while used + size > width:
            head = fitting(text, width - used) or text[:1]
            rows.append(Row((*line, (head, role)), long.role))
            text = text[len(head) :]
            line, used, size = [(" " * indent, "plain")], indent, cell_len(text)
        line.append((text, role))
        used += size
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


def _pieces(long: Row) -> list[Span]:
    """The row cut after each blank, so that a piece can move to the next line as a whole."""
    pieces: list[Span] = []
    for text, role in long.spans:
        words = visible(text).split(" ")
        pieces.extend((word + " ", role) for word in words[:-1])
        if words[-1]:
            pieces.append((words[-1], role))
    return pieces
