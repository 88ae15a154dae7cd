"""Reads scenarios: `load("x.yaml")` or `load(yaml_text)` gives a Scenario, or raises UserError with every mistake."""

import ast
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from gradb.errors import UserError
from gradb.scenario.checking import Checker
from gradb.scenario.claims import Claim, read_claims
from gradb.scenario.data import read_data
from gradb.scenario.document import Item, read
from gradb.scenario.language import FALLBACK, pick
from gradb.scenario.scenario import Note, Scenario
from gradb.scenario.schema import ScenarioFile
from gradb.trace.events import Array

MAX_BYTES = 256 * 1024


def load(source: str | Path) -> Scenario:
    """The scenario in a file, or in a YAML text (a `str` with a line break in it). Raises UserError."""
    if isinstance(source, str) and "\n" in source:
        return parse(source, "<text>")
    path = Path(source)
    return parse(read_text(path), str(source), path.parent)


def load_script(path: Path, arguments: tuple[str, ...] = ()) -> Scenario:
    """A script of the user's own, as a scenario without expectations. Raises UserError.

    Its title is its name with its arguments, as they are written in a shell.
    """
    text = read_text(path)
    try:
        tree = ast.parse(text, str(path))
    except SyntaxError as error:
        where = f"{path}:{error.lineno}:{error.offset}"
        raise UserError(f"this is not Python: {error.msg}", where=where) from None
    except ValueError as error:
        raise UserError(f"this is not Python: {error}", where=str(path)) from None
    about = ast.get_docstring(tree) or ""
    title = " ".join(map(quote, [path.name, *arguments])) if arguments else path.name
    return Scenario(title=title, program=text, about=about, filename=str(path), trusted=True, arguments=arguments)


def check_size(text: str | bytes, where: str) -> None:
    """Raises UserError for a text that is too large for a scenario or a script."""
    if len(text) > MAX_BYTES:
        raise UserError("the file is too large", where=where, allowed=f"up to {MAX_BYTES} bytes")


def parse(text: str, filename: str, folder: Path | None = None, arrays: Mapping[str, Array] | None = None) -> Scenario:
    """The scenario in a YAML text; `filename` stands in messages. Raises UserError.

    `folder` is where the files of its `data:` lie; `arrays` has what they hold, where that is known already.
    Texts are in the language in use (`gradb.scenario.language`).
    """
    root = read(text, filename)
    if root.value is None:
        raise UserError(
            "the file is empty", where=filename, allowed="a mapping with at least the keys title and program"
        )
    checker = Checker(filename)
    file: ScenarioFile | None = checker.value(root, (), ScenarioFile)
    claims: list[Claim] = []
    expect = root.children.get("expect")
    if expect is not None and isinstance(expect.value, list):
        for place, item in expect.children.items():
            if isinstance(item.value, dict):
                claims += read_claims(checker, item, ("expect", place))
    given = root.children.get("data")
    data = arrays if arrays is not None else {} if given is None else read_data(checker, given, folder)
    checker.raise_mistakes()
    assert file is not None
    program = root.children["program"]
    return Scenario(
        title=pick(file.title),
        program=file.program,
        about=pick(file.about),
        data=data,
        watch=file.watch,
        notes=tuple([Note(note.at, pick(note.say)) for note in file.notes]),
        claims=tuple(claims),
        limits=file.limits,
        filename=filename,
        first_line=program.first_line,
        first_column=_first_column(text, program),
        document=text,
        english_title=pick(file.title, FALLBACK),
    )


def _first_column(text: str, program: Item) -> int:
    """The column of the file in which the program's lines begin: where its first line that is not blank does."""
    lines = text.splitlines()[program.first_line - 1 :]
    for line, own in zip(lines, str(program.value).splitlines(), strict=False):
        if own.strip():
            return max(line.find(own), 0) + 1
    return 1


def read_text(path: Path) -> str:
    """The text of a file. Raises UserError when it is missing, no file, too large or not UTF-8."""
    where = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UserError("there is no such file", where=where) from None
    except IsADirectoryError:
        raise UserError("this is a folder", where=where, allowed="a file") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(f"the file cannot be read: {reason}", where=where) from None
    check_size(data, where)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"the file is not UTF-8: it holds the byte 0x{data[error.start]:02x} in line {line}",
            where=where,
            allowed="UTF-8 text",
            fix="save the file as UTF-8",
        ) from None
