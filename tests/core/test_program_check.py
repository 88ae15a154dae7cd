"""The check before a program runs: where it points, what it says is allowed, what it thinks was meant."""

# ruff: noqa: E501  (a program of several lines is one line of a table)

import pytest
from gradb.errors import UserError
from gradb.scenario.program import Program
from programs import torch_stub


def mistake(source: str, first_line: int = 1, first_column: int = 1) -> UserError:
    with pytest.raises(UserError) as found:
        Program(source, "a.yaml", first_line, first_column).check({"torch": torch_stub()})
    return found.value


def test_a_place_counts_from_where_the_program_stands_in_its_file() -> None:
    assert mistake("x = 1\ny = open('f')").where == "a.yaml:2:5"
    assert mistake("x = 1\ny = open('f')", first_line=11, first_column=3).where == "a.yaml:12:7"


def test_a_column_counts_characters_and_not_bytes() -> None:
    assert mistake("'äöü'; open('f')").where == "a.yaml:1:8"


@pytest.mark.parametrize(
    ("source", "what", "fix"),
    [
        ("import torch\ntorch.zerros(1)", "torch has no 'zerros' for programs", "did you mean 'zeros'?"),
        ("import torch\ntorch.nn.Modul()", "torch.nn has no 'Modul' for programs", "did you mean 'Module'?"),
        ("from torch import zerros", "'from torch import zerros': torch has no 'zerros' for programs", "did you mean 'zeros'?"),
        ("import torhc", "'torhc' cannot be imported by programs", "did you mean 'torch'?"),
        ("prnt(1)", "the name 'prnt' is not defined", "did you mean 'print'?"),
        ("loss = 1\nprint(los)", "the name 'los' is not defined", "did you mean 'loss'?"),
        ("class A:\n    def __cal__(self): pass", "the name '__cal__' is not for programs", "did you mean '__call__'?"),
        ("x = 1\nx.__class__.__mro__", "the attribute '__mro__' is not for programs: x.__class__.__mro__", "call it 'mro'"),
    ],
)  # fmt: skip
def test_a_near_miss_gets_a_suggestion(source: str, what: str, fix: str) -> None:
    found = mistake(source)
    assert (found.what, found.fix) == (what, fix)


def test_the_message_says_what_is_allowed() -> None:
    assert (
        mistake("import os").allowed
        == "math, matplotlib, matplotlib.pyplot, numpy, torch, torch.nn, torch.nn.functional"
    )
    assert "print" in mistake("open('f')").allowed


@pytest.mark.parametrize(
    ("source", "where", "what"),
    [
        ("x = (1,", "a.yaml:1:5", "this is not Python: '(' was never closed: 'x = (1,'"),
        ("if True:\nx = 1", "a.yaml:2:1", "this is not Python: expected an indented block after 'if' statement on line 1: 'x = 1'"),
        ("break", "a.yaml:1:1", "this is not Python: 'break' outside loop: 'break'"),
        ("continue", "a.yaml:1:1", "this is not Python: 'continue' not properly in loop: 'continue'"),
        ("return 1", "a.yaml:1:1", "this is not Python: 'return' outside function: 'return 1'"),
    ],
)  # fmt: skip
def test_what_is_not_python_is_a_mistake_of_the_user(source: str, where: str, what: str) -> None:
    found = mistake(source)
    assert (found.where, found.what) == (where, what)


@pytest.mark.parametrize(
    "source", ["x = 1\0", "(" * 1000 + ")" * 1000, "-" * 50_000 + "1", "x" + ".y" * 5000, "#" * 300_000]
)
def test_a_strange_text_is_refused_and_not_a_crash(source: str) -> None:
    assert mistake(source).where.startswith("a.yaml:1")


def test_a_name_that_is_bound_twice_is_not_taken_for_its_module() -> None:
    source = "import torch\ntorch = 1\ndef f(torch): return torch.anything\n"
    Program(source, "a.yaml").check({"torch": torch_stub()})


def test_making_and_checking_run_nothing() -> None:
    Program("while True: pass", "a.yaml").check({"torch": torch_stub()})


def test_annotations_and_docstrings_are_not_checked() -> None:
    source = '"""Text."""\ndef f(x: Anything) -> Nothing:\n    """Text."""\n    y: List[int] = [x]\n    return y\n'
    Program(source, "a.yaml").check({"torch": torch_stub()})
