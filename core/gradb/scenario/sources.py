"""What a SOURCE means: `open_source("leaf")`, or the path of a .yaml file, a .py script or a .gradb file."""

from pathlib import Path
from shlex import split

from gradb.errors import UserError
from gradb.scenario.bundled import load_bundled, names
from gradb.scenario.loader import load_script, parse, read_text
from gradb.scenario.saved import saved_scenario
from gradb.scenario.scenario import Scenario
from gradb.trace.file.database import is_trace_file
from gradb.trace.file.tables import SUFFIX

YAML_SUFFIXES = (".yaml", ".yml")


def open_source(source: str) -> Scenario:
    """The scenario that a bundled name, a .yaml file, a .py script or a trace file stands for.

    A script may be followed by its arguments, as in a shell: `"train.py --lr 0.1"`. Raises UserError.
    """
    words = script_words(source)
    if words:
        return load_script(Path(words[0]), tuple(words[1:]))
    path = Path(source)
    suffix = path.suffix.lower()
    if not suffix and path.name == source:
        return load_bundled(source)
    if suffix in (*YAML_SUFFIXES, ".py"):
        if not path.exists() and path.name == source and path.stem in names():
            raise UserError("there is no such file", where=source, fix=f"for the bundled scenario, say {path.stem}")
        return load_script(path) if suffix == ".py" else parse(read_text(path), source, path.parent)
    if suffix == SUFFIX or is_trace_file(path):
        return saved_scenario(path)
    raise UserError(
        f"{source!r} cannot be opened",
        allowed=f"a bundled scenario ({', '.join(names())}), a .yaml file, a .py script or a {SUFFIX} file",
    )


def script_words(source: str) -> list[str]:
    """The path of a script and its arguments; empty for a source that is something else, or a script alone."""
    if " " not in source or Path(source).exists():
        return []
    try:
        words = split(source)
    except ValueError:  # a quote that is not closed
        return []
    return words if words and words[0].lower().endswith(".py") else []


def stem(source: str) -> str:
    """What a source is called, for the name of a file about it: its name without folder, suffix and arguments."""
    return Path(next(iter(script_words(source)), source)).stem
