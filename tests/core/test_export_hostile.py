"""Exports of a run whose every text is hostile: nothing steers a terminal, becomes markup, a formula or code."""

import ast
import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator

import pytest
from exported import exported, trace_of
from gradb.errors import UserError
from gradb.export.py_checks import checks
from gradb.export.words import Expected, Words
from gradb.trace.events import TensorCreated, TensorState
from gradb.trace.file.trace import open_trace
from gradb.trace.trace import Header, Trace
from hostile_traces import EVIL, STEERING, with_evil_texts

TEXTS = ("jsonl", "csv", "markdown", "chrome-trace", "dot", "mermaid", "svg", "html")


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trace]:
    trace = open_trace(with_evil_texts(tmp_path_factory.mktemp("evil")))
    yield trace
    trace.close()


@pytest.mark.parametrize("name", TEXTS)
def test_no_export_has_a_character_that_steers_a_terminal(name: str, evil: Trace) -> None:
    assert STEERING.findall(exported(evil, name).decode()) == []


def test_json_says_the_same_texts(evil: Trace) -> None:
    lines = [json.loads(line) for line in exported(evil, "jsonl").splitlines()]
    assert lines[0]["title"] == EVIL
    assert lines[-1]["message"] == f"end{EVIL}"


def test_a_picture_is_xml_with_nothing_in_it_but_drawing(evil: Trace) -> None:
    root = ET.fromstring(exported(evil, "svg"))
    allowed = {"svg", "title", "desc", "style", "defs", "marker", "path", "g", "rect", "text", "circle"}
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= allowed
    assert not any(name.startswith("on") or "href" in name for element in root.iter() for name in element.attrib)


def test_a_page_has_no_scripts_or_images_but_its_own(evil: Trace) -> None:
    page = exported(evil, "html").decode()
    assert page.count("<script") == page.count("</script") == 4
    assert "<img" not in page
    assert "<!--" not in page


def test_a_flowchart_has_texts_with_signs_for_markup_in_its_title_alone(evil: Trace) -> None:
    lines = exported(evil, "mermaid").decode().splitlines()
    assert [line.partition(":")[0] for line in lines if "<img" in line] == ["title"]
    assert json.loads(lines[1].removeprefix("title: "))  # within the quotes of YAML, which Mermaid writes as text


@pytest.mark.parametrize("first", ["=", "+", "-", "@"])
def test_a_name_is_no_formula_of_a_spreadsheet(first: str) -> None:
    name = f"{first}HYPERLINK(1)"
    program = (
        "import torch\n"
        "m = torch.nn.Module()\n"
        f"m.register_parameter({name!r}, torch.nn.Parameter(torch.ones(1)))\n"
        "n = m\n"
        f"getattr(m, {name!r}).sum().backward()\n"
    )
    head = next(csv.reader(io.StringIO(exported(trace_of(program), "csv").decode())))
    assert any(cell == f"'{name}" for cell in head)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in head)


def test_keys_of_an_archive_stay_whole_and_apart(evil: Trace) -> None:
    names = zipfile.ZipFile(io.BytesIO(exported(evil, "npz"))).namelist()
    assert len({*names}) == len(names)
    assert not any(STEERING.search(name) for name in names)


# --- the script


def test_a_title_and_a_version_stay_in_their_comments() -> None:
    trace = trace_of("import torch\nx = torch.ones(1)\n")
    for breaks in ("\n", "\r", "\x0c", "\u2028", "\x85", "\x1c"):
        trace.header = Header(title=f"T{breaks}import os", version=f"1{breaks}import os", source=trace.source)
        assert len(ast.parse(exported(trace, "py")).body) == 2


def test_what_is_no_name_of_a_variable_becomes_no_line_of_a_script() -> None:
    trace = Trace(Header(source="x = 1\n"))
    state = trace_of("import torch\nx = torch.ones(1)\n").event(1)
    assert isinstance(state, TensorCreated)
    trace.events.append(TensorCreated(1, TensorState(1, state.tensor.array, False), "data"))
    trace.bind("import os; x", 1)
    with pytest.raises(UserError, match="no name of a variable"):
        exported(trace, "py")


def test_an_expectation_of_a_dtype_that_is_none_becomes_no_line_of_a_script() -> None:
    words = Words(expected=(Expected("end", "x.dtype", "float32\nimport os"), Expected("end", "x.dtype", "float32")))
    lines = list(checks(words, "x = 1", ends_well=True))
    imports = [node for node in ast.parse("\n".join(lines)).body if isinstance(node, ast.Import)]
    assert [alias.name for node in imports for alias in node.names] == ["torch"]
    assert sum(line.startswith("assert ") for line in lines) == 1


def test_a_program_with_a_nul_is_told_to_be_no_python() -> None:
    trace = Trace(Header(source="x = 1\x00"))
    with pytest.raises(UserError, match=r"^the program is not Python"):
        exported(trace, "py")
