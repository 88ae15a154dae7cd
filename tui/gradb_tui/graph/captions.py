"""How nodes look: `Look` is a way to draw them all, `node_line` one row of one node, `LOOKS` from roomy to tight."""

from math import prod
from typing import NamedTuple

from gradb.drawing.routing import Spacing
from rich.cells import cell_len, set_cell_size

MARKS = {"not_built": "·", "built": " ", "ready": "◇", "visited": "✓", "freed": "∅"}
SIGNS = {"new": "+", "captured": "↻"}
MORE = "more"

STYLES = (
    *("leaf", "constant", "op", "root", "module", MORE),
    *MARKS,
    *("mark", "current", "chosen", "edge", "awaited", "flow", "label", "legend"),
)

_BRACKETS = {"leaf": "()", "constant": "‹›", "op": "[]", "root": "{}", "module": "«»", MORE: "  "}
_BORDERS = {
    "leaf": "╭─╮│╰╯",
    "constant": "┌╌┐╎└┘",
    "op": "┌─┐│└┘",
    "root": "╔═╗║╚╝",
    "module": "┏━┓┃┗┛",
    MORE: "      ",
}
_LONGEST = 24
_DETAIL_CELLS = 9  # a value, or the norm of a gradient


class Look(NamedTuple):
    """`boxed`: a border, and a second line with shape or value. `named`: an op shows its variable, `y = mul`."""

    boxed: bool
    named: bool
    spacing: Spacing

    @property
    def height(self) -> int:
        return 4 if self.boxed else 1


LOOKS = (
    Look(boxed=True, named=True, spacing=Spacing(1, 1, 2)),
    Look(boxed=True, named=True, spacing=Spacing(0, 0, 1)),
    Look(boxed=False, named=True, spacing=Spacing(1, 1, 2)),
    Look(boxed=False, named=True, spacing=Spacing(0, 0, 1)),
    Look(boxed=False, named=False, spacing=Spacing(1, 1, 2)),
    Look(boxed=False, named=False, spacing=Spacing(0, 0, 1)),
)

# How large a reader wants nodes: as they fit, always with borders, or their names alone, so that more of them show.
ZOOMS = {"names": LOOKS[-2:], "fit": LOOKS, "boxes": LOOKS[:1]}


class Face(NamedTuple):
    """What a node shows: its text and detail, its role and state as in the trace's graph.

    `current` is the node that the event is about, `chosen` the one that the reader has gone to.
    """

    text: str
    detail: str
    role: str
    state: str = "built"
    current: bool = False
    chosen: bool = False


class Span(NamedTuple):
    """A piece of a painted row: its text and the names of its styles, the later ones over the earlier."""

    text: str
    styles: tuple[str, ...]


def clean(text: str, cells: int = _LONGEST) -> str:
    """The text on one line, without control characters, cut to a number of cells."""
    text = "".join(character if character.isprintable() else " " for character in text)
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1).rstrip() + "…"


def caption(label: str, name: str, role: str, look: Look, sign: str = "") -> str:
    """A node's first line. A root that has a name is known by it; `sign` says that it is new or captured."""
    before = f"{sign} " if sign else ""
    if role == "root" and name and not look.named:
        return clean(before + name)
    label = f"▸{label}" if role == "module" else label
    if look.named and name and role in ("op", "root", "module"):
        return clean(f"{before}{name} = {label}")
    return clean(before + label)


def shape_text(shape: tuple[int, ...]) -> str:
    """`2×3`; `[3]` for one dimension, which alone would read as a value."""
    if len(shape) == 1:
        return f"[{shape[0]}]"
    return "×".join(map(str, shape)) if shape else "scalar"


def width_of(text: str, shape: tuple[int, ...], role: str, look: Look) -> int:
    """In cells. It must not depend on a value, or the layout would change from step to step."""
    if not look.boxed:
        return cell_len(text) + 2
    detail = 0 if role == "constant" and prod(shape) != 1 else _DETAIL_CELLS
    return max(cell_len(text), detail, cell_len(shape_text(shape))) + 4


def node_line(face: Face, width: int, line: int, look: Look) -> list[Span]:
    """Row `line` of a node, `width` cells and one for the mark of its state."""
    styles = (face.role, face.state, *(("current",) * face.current), *(("chosen",) * face.chosen))
    sign = " " if face.role == MORE else MARKS.get(face.state, " ")
    mark = Span(sign, (face.state,) if face.state == "not_built" else (face.state, "mark"))
    if not look.boxed:
        left, right = _BRACKETS[face.role]
        return [Span(left + _centred(face.text, width - 2) + right, styles), mark]
    top_left, horizontal, top_right, vertical, bottom_left, bottom_right = _BORDERS[face.role]
    if line in (0, look.height - 1):
        left, right = (top_left, top_right) if line == 0 else (bottom_left, bottom_right)
        return [Span(left + horizontal * (width - 2) + right, styles), Span(" ", ())]
    text = face.text if line == 1 else clean(face.detail, width - 4)
    spans = [Span(vertical + _centred(text, width - 2) + vertical, styles)]
    return [*spans, mark if line == 1 else Span(" ", ())]


_COMPACT_SIGNS = {"leaf": "(w)", "constant": "‹x›", "op": "[op]", "root": "{L}", "module": "«▸»"}
_BOXED_SIGNS = {"leaf": "╭╮", "constant": "╌╌", "op": "┌┐", "root": "╔╗", "module": "┏┓"}


def legend(width: int, look: Look, roles: frozenset[str], marked: bool) -> list[list[Span]]:
    """What the signs mean, in as many rows of at most `width` cells as it takes. `marked`: some nodes are captured."""
    signs = _BOXED_SIGNS if look.boxed else _COMPACT_SIGNS
    entries = [(sign, "mark", meaning) for meaning, sign in SIGNS.items()] if marked else []
    entries += [(MARKS[state], "mark", state) for state in ("ready", "visited", "freed")]
    entries += [(sign, role, role) for role, sign in signs.items() if role != "module" or role in roles]
    rows: list[list[Span]] = []
    room = 0
    for sign, style, meaning in entries:
        cells = cell_len(sign) + 1 + len(meaning)
        if not rows or cells + 2 > room:
            rows.append([])
            room = width
        else:
            rows[-1].append(Span("  ", ()))
            room -= 2
        rows[-1] += [Span(sign, (style,)), Span(f" {meaning}", ("legend",))]
        room -= cells
    return rows


def _centred(text: str, cells: int) -> str:
    spare = cells - cell_len(text)
    if spare < 0:
        return set_cell_size(text, cells)
    left = spare // 2
    return " " * left + text + " " * (spare - left)
