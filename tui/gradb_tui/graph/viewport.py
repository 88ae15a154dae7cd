"""Which part of a drawing a window shows: `Viewport` keeps a node in sight and centres a drawing that is narrower."""

from dataclasses import dataclass

from gradb.drawing.layout import Box


@dataclass(slots=True)
class Viewport:
    """The cell `left`, `top` of the drawing is the window's first; `left` is negative where the drawing is centred.

    Scroll bars would change the window's size while one steps, so there are none: `rest` says what is out of sight.
    """

    left: int = 0
    top: int = 0
    width: int = 0
    height: int = 0
    drawing_width: int = 0
    drawing_height: int = 0

    def fit(self, drawing: tuple[int, int], window: tuple[int, int]) -> bool:
        """Takes both sizes; True when the window shows another part than before."""
        self.drawing_width, self.drawing_height = drawing
        self.width, self.height = window
        return self._move(self.left, self.top)

    def scroll(self, columns: int, rows: int) -> bool:
        """Moves the window as far as the drawing goes; True when it moved."""
        return self._move(self.left + columns, self.top + rows)

    def reveal(self, box: Box) -> bool:
        """Puts a node that is not wholly in sight into the middle, by the direction in which it is out of sight."""
        left, top = self.left, self.top
        if box.x < left or box.x + box.width > left + self.width:
            left = box.x + box.width // 2 - self.width // 2
        if box.y < top or box.y + box.height > top + self.height:
            top = box.y + box.height // 2 - self.height // 2
        return self._move(left, top)

    def rest(self) -> str:
        """How many rows and columns of the drawing are out of sight on each side: `↑3 →10`."""
        left = max(0, self.left)
        hidden = {
            "↑": self.top,
            "↓": self.drawing_height - self.top - self.height,
            "←": left,
            "→": self.drawing_width - left - self.width,
        }
        return " ".join(f"{arrow}{cells}" for arrow, cells in hidden.items() if cells > 0)

    def _move(self, left: int, top: int) -> bool:
        spare = self.width - self.drawing_width
        left = -(spare // 2) if spare >= 0 else max(0, min(left, -spare))
        top = max(0, min(top, self.drawing_height - self.height))
        moved = (left, top) != (self.left, self.top)
        self.left, self.top = left, top
        return moved
