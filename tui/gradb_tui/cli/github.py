"""Replays for GitHub Actions: `annotations(result)` marks the lines of failing claims, `harmless(text)` marks none.

The runner takes any output line that begins with `::`, and any that holds `##[`, for a command to itself. A program
that comes from a stranger prints what it likes, so its texts are changed where they would be such a command.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from gradb.debug.cleaning import clean
from gradb.errors import UserError

from gradb_tui.cli.replay_result import Result, Spot


def annotations(result: Result) -> Iterator[str]:
    """A workflow command `::error ...` for each expectation that fails, or for why the source could not run."""
    if result.problem is not None:
        problem = result.problem
        error = UserError(problem.what, allowed=problem.allowed, fix=problem.fix)
        spot = Spot.of(problem.where, result.source)
        yield _error(spot, "gradb: could not run", str(error))
    for checked in result.checked:
        if not checked.verdict.holds:
            yield _error(checked.spot, f"gradb: {checked.verdict.claim}", checked.text)


def harmless_json(line: bytes) -> bytes:
    """A line of JSON that says the same, and that the runner takes for no command."""
    return line.replace(b"##[", b"#\\u0023[")


def _error(spot: Spot, title: str, message: str) -> str:
    properties: list[str] = []
    file = _in_workspace(spot.file)
    if file is not None:
        properties.append(f"file={_property(clean(file))}")
        properties += [f"line={spot.line}"] if spot.line else []
        properties += [f"col={spot.column}"] if spot.column else []
    properties.append(f"title={_property(clean(title))}")
    return f"::error {','.join(properties)}::{_data(clean(message))}"


def _in_workspace(file: str) -> str | None:
    """The file as GitHub knows it, from the top of the checkout; None where there is no such file."""
    path = Path(os.path.abspath(file))
    if not path.is_file():
        return None
    top = Path(os.path.abspath(os.environ.get("GITHUB_WORKSPACE") or "."))
    return path.relative_to(top).as_posix() if path.is_relative_to(top) else path.as_posix()


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
