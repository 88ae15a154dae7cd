"""The formats of `gradb export`, from its table."""

from collections.abc import Callable

from gradb.export.formats import FORMATS, Takes

from docpages.table import code, table

_TAKES: dict[Takes, str] = {"range": "a range", "moment": "a moment", "both": "a range or a moment"}


def formats() -> str:
    """Every format with its suffixes."""
    rows = [(code(f.name), f.about, ", ".join(map(code, f.suffixes)), _TAKES[f.takes]) for f in FORMATS.values()]
    return table(("format", "what it is", "suffixes", "shows"), rows)


PARTS: dict[str, Callable[[], str]] = {"formats": formats}
