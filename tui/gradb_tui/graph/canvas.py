"""A widget that shows a scene and scrolls over it: `Canvas.set_scene` repaints only the rows that changed."""

from typing import ClassVar

from gradb.drawing.layout import Box
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from gradb_tui.graph.captions import STYLES, Span, legend
from gradb_tui.graph.paint import Scene, changed_rows, paint_row
from gradb_tui.graph.viewport import Viewport

EMPTY = [Span("No graph yet: it begins with the first op on a tensor that requires grad.", ("awaited",))]


def component(style: str) -> str:
    """The component class of a span's style."""
    return f"graph--{style.replace('_', '-')}"


class Canvas(Widget):
    """Labels are painted as they are, never read as markup. The legend takes rows that the drawing leaves free."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {component(style) for style in STYLES}
    DEFAULT_CSS = """
    Canvas {
        .graph--leaf { color: $text-primary; }
        .graph--constant, .graph--legend { color: $text-muted; }
        .graph--root { color: $text-success; text-style: bold; }
        .graph--edge { color: $foreground 65%; }
        .graph--module { color: $text-secondary; text-style: bold; }
        .graph--label { color: $foreground 60%; text-style: italic; }
        .graph--mark, .graph--flow { color: $text-accent; text-style: bold; }
        .graph--ready { text-style: bold; }
        .graph--freed, .graph--more { color: $foreground 55%; }
        .graph--awaited, .graph--not-built { color: $foreground 38%; }
        .graph--current { text-style: reverse bold; }
        .graph--chosen { text-style: underline; }
        &:ansi {
            .graph--mark, .graph--flow { color: ansi_magenta; }
            .graph--awaited, .graph--not-built, .graph--freed { text-style: dim; }
        }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.scene: Scene | None = None
        self.viewport = Viewport()
        self._strips: dict[int, Strip] = {}
        self._styles: dict[tuple[str, ...], Style] = {}

    def set_scene(self, scene: Scene, follow: int | None = None) -> None:
        """Shows a scene from now on; scrolls only where the node `follow` would be out of sight."""
        before, self.scene = self.scene, scene
        layout = scene.raster.layout
        moved = self.viewport.fit((layout.width, layout.height), self.size)
        if follow is not None:
            moved = self.viewport.reveal(layout.boxes[follow]) or moved
        if before is None or before.raster is not scene.raster or moved:
            self.repaint()
            return
        rows = changed_rows(before, scene)
        for row in rows:
            self._strips.pop(row, None)
        top, (width, height) = self.viewport.top, self.size
        regions = [Region(0, row - top, width, 1) for row in sorted(rows) if 0 <= row - top < height]
        if regions:
            self.refresh(*regions)

    def repaint(self) -> None:
        """Paints everything again."""
        self._strips.clear()
        self.refresh()

    def scroll_cells(self, columns: int, rows: int) -> None:
        """Moves the window over the drawing."""
        if self.viewport.scroll(columns, rows):
            self.repaint()
            self.scrolled()

    def reveal(self, box: Box) -> None:
        """Scrolls so that a node is in sight."""
        if self.viewport.reveal(box):
            self.repaint()
            self.scrolled()

    def scrolled(self) -> None:
        """Called when another part of the drawing is in sight."""

    def node_at(self, x: int, y: int) -> int | None:
        """The node at a cell of the widget's content."""
        if self.scene is None:
            return None
        return self.scene.raster.node_at(x + self.viewport.left, y + self.viewport.top)

    def render_line(self, y: int) -> Strip:
        row = self.viewport.top + y
        strip = self._strips.get(row)
        if strip is None or strip.cell_length != self.size.width:
            strip = self._strips[row] = self._strip(row, y)
        return strip

    def _strip(self, row: int, y: int) -> Strip:
        width = self.size.width
        left, blank = 0, self._style(())
        if self.scene is None or not self.scene.faces:
            spans = EMPTY if y == 0 else []
        elif row < self.scene.raster.layout.height:
            spans, left = paint_row(self.scene, row), self.viewport.left
        else:
            spans = self._legend_row(y)
        segments = [Segment(" " * -left, blank)] if left < 0 else []
        strip = Strip([*segments, *(Segment(span.text, self._style(span.styles)) for span in spans)])
        return strip.crop_extend(max(0, left), max(0, left) + width, blank)

    def _legend_row(self, y: int) -> list[Span]:
        """The last rows, as far as the drawing leaves them free."""
        assert self.scene is not None
        width, height = self.size
        spare = height - self.scene.raster.layout.height - 1
        roles = frozenset([face.role for face in self.scene.faces])
        rows = legend(width, self.scene.look, roles, self.scene.marked)[: max(0, min(spare, 2))]
        place = y - (height - len(rows))
        return rows[place] if place >= 0 else []

    def _style(self, names: tuple[str, ...]) -> Style:
        style = self._styles.get(names)
        if style is None:
            # Textual gives the style of the last of several names, so what each adds is put together here.
            style = self.get_component_rich_style(component("built"))
            for name in map(component, names):
                full, own = self.get_component_rich_style(name), self.get_component_rich_style(name, partial=True)
                style += own + Style(
                    color=full.color if own.color else None, bgcolor=full.bgcolor if own.bgcolor else None
                )
            self._styles[names] = style
        return style

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.scroll_cells(*((6, 0) if event.shift else (0, 3)))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.scroll_cells(*((-6, 0) if event.shift else (0, -3)))

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        event.stop()
        self.scroll_cells(6, 0)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        event.stop()
        self.scroll_cells(-6, 0)
