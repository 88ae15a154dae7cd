"""What docs/trace-format.md says of trace files is so: its examples, and its tables."""

import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from document_blocks import blocks, commands, fits
from gradb.scenario.runner import run
from gradb.trace.file.saving import Saving
from gradb.trace.file.tables import TABLES
from gradb.trace.trace import Header

PAGE = Path(__file__).parents[2] / "docs" / "trace-format.md"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("docs")
    run("regression", save=path / "run.gradb")
    return path


def asked(path: Path, query: str) -> list[str]:
    """What the program sqlite3 prints."""
    with closing(sqlite3.connect(path)) as file:
        return ["|".join("" if value is None else str(value) for value in row) for row in file.execute(query)]


def test_every_query_on_the_page_answers_what_the_page_says(folder: Path) -> None:
    queries = [
        (shlex.split(command), expected)
        for block in blocks(PAGE)
        if block.language == "console"
        for command, expected in commands(block)
        if command.startswith("sqlite3")
    ]
    assert len(queries) > 4
    for (_, name, query), expected in queries:
        answer = asked(folder / name, query)
        assert fits(expected, answer), (query, answer)


def test_the_program_on_the_page_reads_the_arrays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    (program,) = (block.text for block in blocks(PAGE) if block.language == "python")
    exec(compile(program, "example", "exec"), {})
    assert capsys.readouterr().out == "(100,)\n(100, 1)\n"


def test_the_page_lists_every_table_with_its_columns() -> None:
    with closing(sqlite3.connect(":memory:")) as file:
        file.executescript(TABLES)
        names: list[Any] = [row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        there = {name: [row[1] for row in file.execute(f"PRAGMA table_info({name})")] for name in names}
    found = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    listed = {name: columns.split(", ") for name, columns in found}
    assert listed == there


def test_the_page_lists_every_key_of_the_header(folder: Path) -> None:
    text = PAGE.read_text("utf-8")
    for key in asked(folder / "run.gradb", "SELECT key FROM header"):
        assert f"`{key}`" in text, key


def test_the_views_are_those_on_the_page(folder: Path) -> None:
    for view in asked(folder / "run.gradb", "SELECT name FROM sqlite_master WHERE type = 'view'"):
        assert f"`{view}` has" in PAGE.read_text("utf-8")


def test_a_header_says_where_and_by_what_it_was_recorded(tmp_path: Path) -> None:
    saving = Saving(tmp_path / "run.gradb", Header(version="1", title="a", source="b"), {"more": 1})
    assert {"platform", "python", "numpy", "created", "more"} <= {*saving.trace.facts}
    saving.discard()
    assert not [*tmp_path.iterdir()]
