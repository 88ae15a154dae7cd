"""The script of a run: its data are exact, its program is the source, and what is expected stands below it."""

import ast

import gradb.dialect
import numpy as np
import pytest
from gradb.errors import UserError
from gradb.export import py
from gradb.export.py_checks import assigned, checks
from gradb.export.py_source import plain_source
from gradb.export.py_values import WIDTH, assignment
from gradb.export.selection import Request, select
from gradb.export.words import Expected, Words
from gradb.scenario.runner import run
from gradb.scenario.scenario import Scenario
from gradb.trace.trace import Header, Trace
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from msgspec.structs import replace

DTYPES = ("float32", "float64", "float16", "int64", "int32", "int8", "uint8", "bool")


def script_of(trace: Trace, words: Words | None = None, request: Request | None = None) -> str:
    selection = replace(select(trace, request), words=words or Words())
    return b"".join(py.chunks(trace, selection)).decode()


@given(st.sampled_from(DTYPES).flatmap(lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0))))
@settings(deadline=None)
def test_data_in_a_script_are_exact_to_the_last_bit(array: np.ndarray) -> None:
    lines = list(assignment("x", array))
    assert all(len(line) <= WIDTH for line in lines)
    names: dict[str, gradb.dialect.Tensor] = {}
    exec("\n".join(lines), {"torch": gradb.dialect}, names)
    back = names["x"].numpy()
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert np.array_equal(back, array, equal_nan=array.dtype.kind == "f")


def test_the_script_is_the_data_and_then_the_program() -> None:
    data = {"x": np.array([[1.5, 2.0]], np.float32), "labels": np.array([0, 1])}
    text = script_of(run(Scenario("Two\nlines", "import torch\nprint((x * 2).sum())\n", data=data)))
    assert text.startswith("# Two lines\n#\n# Written by gradb ")
    assert text.endswith(
        "\nimport torch\n\nx = torch.tensor([[1.5, 2.0]])\nlabels = torch.tensor([0, 1])\n\n"
        "import torch\nprint((x * 2).sum())\n"
    )


def test_expectations_at_the_end_are_asserted_and_the_others_are_told() -> None:
    words = Words(
        expected=(
            Expected("line 2", "w", [1.0]),
            Expected("end", "w.grad", [2.0]),
            Expected("end", "w.grad", [2.0], within=0.5),
            Expected("end", "w.is_leaf", True),
            Expected("end", "y.grad_fn", "MulBackward0"),
            Expected("end", "y.grad", None),
            Expected("end", "y.shape", [1]),
            Expected("end", "y.dtype", "float32"),
            Expected("end", "0.weight", [1.0]),
        ),
        claims=("prints: a\nb",),
    )
    program = "import torch\nw = torch.ones(1, requires_grad=True)\ny = w * 2\ny.backward()\n"
    text = script_of(run(Scenario("", program)), words)
    close = "w.grad, torch.tensor([2.0], dtype=w.grad.dtype)"
    assert text.partition("y.backward()\n")[2].splitlines() == [
        "",
        "# Expected, as gradb checks it:",
        "#   at line 2: w is [1.0]",
        "#   at end: 0.weight is [1.0]",
        "#   prints: a b",
        "",
        "import torch",
        "",
        f"assert torch.allclose({close}, rtol=0.0001, atol=1e-6, equal_nan=True)",
        f"assert torch.allclose({close}, rtol=0, atol=0.5, equal_nan=True)",
        "assert w.is_leaf is True",
        'assert y.grad_fn.name() == "MulBackward0"',
        "assert y.grad is None",
        "assert list(y.shape) == [1]",
        "assert y.dtype == torch.float32",
    ]


def test_after_a_program_that_fails_nothing_is_asserted() -> None:
    words = Words(expected=(Expected("end", "w", 1.0),), claims=("ends with RuntimeError",))
    lines = list(checks(words, "w = 1.0", ends_well=False))
    assert lines[2:] == ["#   at end: w is 1.0", "#   ends with RuntimeError"]
    assert "assert" not in "".join(lines)


def test_only_variables_of_the_module_itself_can_be_asserted() -> None:
    source = "def f(a):\n    b = a\nfor i in x:\n    c = [d for d in x]\nclass K:\n    e = 1\nf.g = 1\n"
    assert assigned(ast.parse(source)) == {"i", "c"}


def test_torch_is_imported_in_the_place_of_gradb() -> None:
    source = (
        "import os, gradb as torch\nfrom gradb import nn  # of gradb\nimport gradb.nn as layers\nx = 'import gradb'\n"
    )
    assert plain_source(source) == (
        "import os, torch as torch\nfrom torch import nn  # of gradb\nimport torch.nn as layers\nx = 'import gradb'\n"
    )
    assert plain_source("if True:\n    import gradb as torch\n") == "if True:\n    import torch as torch\n"


@pytest.mark.parametrize(
    "source",
    [
        "import gradb\n",
        "from gradb import record\n",
        "import gradb as torch\nwith torch.record() as trace:\n    pass\n",
    ],
)
def test_a_program_that_uses_gradb_itself_is_refused_with_its_line(source: str) -> None:
    with pytest.raises(UserError, match="uses gradb itself") as caught:
        plain_source(source)
    assert caught.value.where == f"line {source.count('import gradb as') + 1}"


def test_a_part_of_a_run_and_a_run_without_source_are_refused() -> None:
    trace = run("leaf")
    for request in (Request(first="step1/backward"), Request(tensors=("w",))):
        with pytest.raises(UserError, match="a script is the whole program"):
            script_of(trace, request=request)
    with pytest.raises(UserError, match="the program's source is not in the trace"):
        script_of(Trace(Header()))
    with pytest.raises(UserError, match="the program is not Python"):
        script_of(Trace(Header(source="x = (")))
