"""The text of a pane as it can be pasted elsewhere: `text_of(pane)`."""

from textual.widget import Widget

from gradb_tui.graph.canvas import Canvas
from gradb_tui.graph.paint import paint_text
from gradb_tui.panes.rows import visible
from gradb_tui.panes.view import RowsView

MOST = 2000  # rows of a long table


def text_of(widget: Widget) -> str:
    """All rows of a pane, also those out of sight; the drawing of a graph; of a chart what can be seen of it."""
    if isinstance(widget, RowsView):
        lines = [visible(widget.rows[i].text) for i in range(min(len(widget.rows), MOST))]
    elif isinstance(widget, Canvas):
        lines = [] if widget.scene is None else paint_text(widget.scene)
    else:
        parts = [child for child in widget.children if child.size]
        lines = [child.render_line(y).text for child in parts for y in range(child.size.height)]
    return "\n".join(line.rstrip() for line in lines)
