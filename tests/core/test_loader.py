"""Scenario files that are right: what is read from them, and where their programs stand."""

from pathlib import Path

import pytest
from gradb.errors import UserError
from gradb.scenario.bundled import names
from gradb.scenario.claims import OrderClaim, PrintedClaim, RaisesClaim, StateClaim
from gradb.scenario.loader import load, load_script, parse
from gradb.scenario.scenario import Note
from gradb.scenario.schema import Limits, Near, json_schema
from gradb.scenario.sources import open_source

SCENARIO = """\
title: T
about: |
  *Hello*
program: |

  import torch
  x = 1
watch: [w.grad, 0.weight]
notes:
  - {at: line 5, say: five}
expect:
  - {at: end, w.grad: [2], x.grad: null, y.is_leaf: false, z.grad_fn: AddBackward0, z.shape: []}
  - {at: step2, w: {near: [[2.5]], within: 1e-4}}
  - {order: [AddBackward0], step: 3}
  - printed: |
      tensor([1.,
              2.])
  - {raises: RuntimeError, message: second time}
limits: {events: 10, seconds: 0.5}
"""


def test_every_key_is_read() -> None:
    scenario = parse(SCENARIO, "s.yaml")
    assert scenario.title == "T"
    assert scenario.about == "*Hello*\n"
    assert scenario.program == "\nimport torch\nx = 1\n"
    assert scenario.watch == ("w.grad", "0.weight")
    assert scenario.notes == (Note("line 5", "five"),)
    assert scenario.limits == Limits(10, 0.5, None)
    assert not scenario.trusted


def test_each_name_beside_an_address_is_a_claim_with_its_place() -> None:
    assert parse(SCENARIO, "s.yaml").claims == (
        StateClaim("end", "w.grad", [2], "s.yaml:12:15"),
        StateClaim("end", "x.grad", None, "s.yaml:12:28"),
        StateClaim("end", "y.is_leaf", False, "s.yaml:12:42"),
        StateClaim("end", "z.grad_fn", "AddBackward0", "s.yaml:12:60"),
        StateClaim("end", "z.shape", [], "s.yaml:12:85"),
        StateClaim("step2", "w", Near([[2.5]], 1e-4), "s.yaml:13:17"),
        OrderClaim(("AddBackward0",), 3, "s.yaml:14:5"),
        PrintedClaim("tensor([1.,\n        2.])", "s.yaml:15:5"),
        RaisesClaim("RuntimeError", "second time", "s.yaml:18:5"),
    )


def test_the_program_knows_where_it_stands_in_the_file() -> None:
    scenario = parse(SCENARIO, "s.yaml")
    line = SCENARIO.splitlines()[scenario.first_line - 1 + 1]
    assert line[scenario.first_column - 1 :] == "import torch"


def test_an_alias_stands_for_what_its_anchor_names() -> None:
    text = "title: &t T\nprogram: x = 1\nabout: *t\nwatch: &w [a, b]\nnotes: []\n"
    scenario = parse(text, "s.yaml")
    assert (scenario.about, scenario.watch) == ("T", ("a", "b"))


def test_yaml_1_2_says_what_is_text_and_what_is_a_number() -> None:
    text = "title: yes\nprogram: x = 1\nexpect: [{at: end, y: 1e-3, n: 0x10, on: [.inf, 1_000]}]\n"
    scenario = parse(text, "s.yaml")
    assert scenario.title == "yes"
    claims = {c.subject: c.expected for c in scenario.claims if isinstance(c, StateClaim)}
    assert claims == {"y": 1e-3, "n": 16, "on": [float("inf"), 1000]}


def test_a_file_and_a_text_are_read_alike(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("\ufeff" + SCENARIO)
    assert load(file).notes == load(SCENARIO).notes
    assert load(str(file)).filename == str(file)


def test_a_script_is_a_trusted_scenario_with_its_docstring_as_text(tmp_path: Path) -> None:
    script = tmp_path / "fit.py"
    script.write_text('"""Fits."""\nimport os\n')
    scenario = load_script(script)
    assert (scenario.title, scenario.about, scenario.trusted) == ("fit.py", "Fits.", True)


def test_a_script_that_is_not_python_is_refused_with_its_place(tmp_path: Path) -> None:
    script = tmp_path / "fit.py"
    script.write_text("x = 1\ny = (\n")
    with pytest.raises(UserError) as caught:
        load_script(script)
    assert str(caught.value) == f"{script}:2:5: this is not Python: '(' was never closed"


SOURCES = {
    "a bundled name that is nearly right": (
        "leef",
        "there is no bundled scenario 'leef'\n"
        f"  allowed: {', '.join(names())}; or a .yaml or .py file\n  to do: did you mean 'leaf'?",
    ),
    "a bundled name written as a file": (
        "leaf.yaml",
        "leaf.yaml: there is no such file\n  to do: for the bundled scenario, say leaf",
    ),
    "a file that is missing": ("no/such.yaml", "no/such.yaml: there is no such file"),
    "a file of another kind": (
        "run.txt",
        "'run.txt' cannot be opened\n"
        f"  allowed: a bundled scenario ({', '.join(names())}), a .yaml file, a .py script or a .gradb file",
    ),
}


@pytest.mark.parametrize(("source", "message"), SOURCES.values(), ids=SOURCES)
def test_a_source_that_cannot_be_opened_says_what_can(source: str, message: str) -> None:
    with pytest.raises(UserError) as caught:
        open_source(source)
    assert str(caught.value) == message


def test_the_published_schema_names_every_key() -> None:
    schema = json_schema()["$defs"]["ScenarioFile"]
    assert list(schema["properties"]) == ["title", "program", "about", "data", "watch", "notes", "expect", "limits"]
    assert schema["required"] == ["title", "program"]
