"""The walk as one HTML file: graph, source, tensors and loss at every event, forwards and backwards, without a network.

The page has the events as they stand in JSON Lines, and a script that steps through them; it sends and loads nothing.
"""

import json
import re
from collections.abc import Iterator
from html import escape
from importlib.resources import files

from gradb.debug.cleaning import clean
from gradb.export.html.told import told
from gradb.export.html.window import left_out, window
from gradb.export.json import Encoder
from gradb.export.selection import Selection
from gradb.export.svg_graph import defs, style
from gradb.trace.trace import Trace

_SCRIPTS = ("trace.js", "moves.js", "graph.js", "loss.js", "panes.js", "walk.js")
_SLOT = re.compile(r"\{\{(\w+)\}\}")


def chunks(trace: Trace, selection: Selection) -> Iterator[bytes]:
    """The page piece by piece."""
    shown = window(trace, selection)
    for place, part in enumerate(_SLOT.split(_text("page.html"))):
        if place % 2:
            yield from (_bytes(piece) for piece in _fill(part, trace, selection, shown))
        else:
            yield part.encode()


def notice(trace: Trace, selection: Selection) -> str:
    """Says which events one page holds, empty where it holds all that are selected."""
    shown = window(trace, selection)
    return left_out(trace, shown) if shown != selection.numbers else ""


def _fill(slot: str, trace: Trace, selection: Selection, shown: range) -> Iterator[str | bytes]:
    """What stands in a slot of the page."""
    encoder = Encoder(trace)
    match slot:
        case "title":
            yield _escaped(trace.header.title) or "gradb"
        case "version":
            yield _escaped(trace.header.version)
        case "style":
            yield from (style(), _text("walk.css"))
        case "notice":
            missing = left_out(trace, shown)
            yield f'<p class="notice" role="note">{escape(missing)}</p>' if missing else ""
        case "header":
            yield _data(encoder.header())
        case "events":
            yield "["
            for number in shown:
                yield ",\n" if number > shown.start else ""
                yield _data(encoder.line(number))
            yield "]"
        case "told":
            yield _data(encoder.encode(told(trace, selection, shown, encoder)))
        case _:
            yield '(() => {\n"use strict";\n'
            yield f"const DEFS = {json.dumps(defs())};\n"
            yield from map(_text, _SCRIPTS)
            yield "})();"


def _escaped(text: str) -> str:
    return escape(clean(text.encode(errors="replace").decode()))


def _data(text: bytes) -> bytes:
    """JSON that ends no script element: a text of the program may have `</script>` in it."""
    return text.replace(b"<", b"\\u003c")


def _bytes(piece: str | bytes) -> bytes:
    return piece if isinstance(piece, bytes) else piece.encode(errors="replace")


def _text(name: str) -> str:
    return files("gradb.export.html").joinpath(name).read_text("utf-8")
