"""The formats that a trace can be exported to: `FORMATS`, a line each, and `find("csv")` or `guess("run.csv")`.

A format is one module with a function `chunks(trace, selection)` that yields the bytes of the file, and one line here.
This module imports no other, so that a command's help can list the formats.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from gradb.errors import UserError

if TYPE_CHECKING:
    from gradb.export.selection import Selection
    from gradb.trace.trace import Trace

Takes: TypeAlias = Literal["range", "moment", "both"]
Chunks: TypeAlias = "Callable[[Trace, Selection], Iterator[bytes]]"


class Format(NamedTuple):
    """A format. `suffixes` are those of its files; `takes` says whether it tells of a range of events, shows one moment
    (`--at`), or can do both. A `binary` one is not written to a terminal.
    """

    name: str
    module: str
    about: str
    suffixes: tuple[str, ...]
    takes: Takes = "range"
    binary: bool = False

    @property
    def chunks(self) -> Chunks:
        """The function that makes the file, piece by piece."""
        return import_module(self.module).chunks

    def notice(self, trace: "Trace", selection: "Selection") -> str:
        """Says what of a selection the format has to leave out, empty where that is nothing."""
        found: Callable[[Trace, Selection], str] | None = getattr(import_module(self.module), "notice", None)
        return found(trace, selection) if found is not None else ""


_TABLE = (
    Format("jsonl", "gradb.export.jsonl", "every event as JSON, one a line", (".jsonl", ".ndjson")),
    Format("csv", "gradb.export.csv", "by step: losses, lr, norms of parameters and gradients", (".csv",)),
    Format("markdown", "gradb.export.markdown", "the walk as tables, for a report", (".md", ".markdown")),
    Format("npz", "gradb.export.npz", "values by tensor and address, for numpy", (".npz",), "both", binary=True),
    Format("safetensors", "gradb.export.safetensors", "the same, safetensors", (".safetensors",), "both", binary=True),
    Format("tensorboard", "gradb.export.tensorboard", "scalars, histograms, graph", (".tfevents",), binary=True),
    Format("chrome-trace", "gradb.export.chrome_trace", "the phases as tracks, for Perfetto", (".json",)),
    Format("dot", "gradb.export.dot", "the graph at a moment, for Graphviz", (".dot", ".gv"), "moment"),
    Format("mermaid", "gradb.export.mermaid", "the graph, for Markdown on GitHub", (".mmd", ".mermaid"), "moment"),
    Format("svg", "gradb.export.svg", "a picture of the graph with values and gradients", (".svg",), "moment"),
    Format("html", "gradb.export.html.page", "the walk as one web page, for any browser", (".html", ".htm"), "both"),
    Format("py", "gradb.export.py", "the program as a plain PyTorch script", (".py",)),
)
FORMATS: dict[str, Format] = {format_.name: format_ for format_ in _TABLE}
DEFAULT = "jsonl"


def find(name: str) -> Format:
    """The format of that name. Raises UserError, which says which formats there are."""
    found = FORMATS.get(name)
    if found is None:
        raise UserError(f"there is no export format {name!r}", allowed=", ".join(FORMATS))
    return found


def guess(filename: str) -> Format:
    """The format whose suffix a file's name has; the default for a name without one. Raises UserError."""
    name = filename.replace("\\", "/").rpartition("/")[2].lower()
    for format_ in FORMATS.values():
        if name.endswith(format_.suffixes):
            return format_
    if "." not in name.strip("."):
        return FORMATS[DEFAULT]
    raise UserError(
        "the name of the file does not say in which format it is to be",
        where=filename,
        allowed=", ".join(suffix for format_ in FORMATS.values() for suffix in format_.suffixes),
        fix="name the format with --format",
    )
