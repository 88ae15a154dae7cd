"""The user's own script runs as plain Python, on gradb's dialect, with its lines, names and loops recorded."""

import sys
import types
from pathlib import Path

import pytest
from gradb.errors import UserError
from gradb.scenario.program import Script
from programs import Heard


def module(name: str, **members: object) -> types.ModuleType:
    made = types.ModuleType(name)
    made.__dict__.update(members, __all__=list(members))
    return made


def dialect() -> types.ModuleType:
    functional = module("gradb.nn.functional", relu=abs)
    return module("gradb.dialect", nn=module("gradb.nn", functional=functional), zeros=list)


def run(source: str, filename: str = "script.py", *arguments: str) -> tuple[Heard, BaseException | None]:
    heard = Heard()
    return heard, Script(source, filename).run(heard, {"torch": dialect()}, arguments)


def test_torch_is_the_dialect_while_the_script_runs() -> None:
    before = sys.modules.get("torch")
    source = """
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.functional import relu
print(F.relu(-1), nn.functional is F, relu is F.relu, torch.__name__)
try:
    import torch.cuda.amp
except ImportError as error:
    print(type(error).__name__)
"""
    heard, error = run(source)
    assert error is None
    assert heard.text == "1 True True gradb.dialect\nModuleNotFoundError"
    assert sys.modules.get("torch") is before
    assert "torch.nn" not in sys.modules or before is not None


def test_plain_python_is_kept_as_it_is(tmp_path: Path) -> None:
    source = '''"""Doc."""
from __future__ import annotations
import os, sys
from dataclasses import dataclass
import matplotlib.pyplot as plt

@dataclass
class Point:
    x: int
    y: int = 2
    def both(self):
        """Doc."""
        yield self.x
        yield self.y

async def later() -> int:
    return 1

match [1, 2]:
    case [a, *rest]:
        pass
with open(__file__) as file:
    first = file.readline()
print(list(Point(1).both()), Point.both.__doc__, __doc__, sys.argv[1:], first, a, rest, os.name != "")
print("shown", file=sys.stderr)
plt.plot([1, 2])
if __name__ == "__main__":
    print(f"{sys.modules['__main__'].__name__=}")
'''
    path = tmp_path / "s.py"
    path.write_text("line\n")
    argv, main = sys.argv, sys.modules["__main__"]
    heard, error = run(source, str(path), "--fast")
    assert error is None
    assert heard.text == "[1, 2] Doc. Doc. ['--fast'] line\n 1 [2] True\nsys.modules['__main__'].__name__='__main__'"
    assert heard.of("plotted")[0][:2] == (26, "plot")
    assert (sys.argv, sys.modules["__main__"]) == (argv, main)


def test_lines_names_and_loops_are_recorded() -> None:
    source = "def f(x):\n    y = x\n    return y\nfor i in range(2):\n    f(i)\nprint(i)\n"
    heard, _ = run(source)
    assert [(line, method, *args) for line, method, *args in heard.trace.events] == [
        (4, "loop", 1, "i"),
        (4, "turn", 1), (4, "named", "i", 0), (2, "named", "y", 0),
        (4, "turn", 1), (4, "named", "i", 1), (2, "named", "y", 1),
        (4, "leave", 1),
        (6, "printed", "1"),
    ]  # fmt: skip


def test_an_error_is_recorded_with_its_line_and_handed_back() -> None:
    heard, error = run("def f():\n    raise KeyError('k')\n\nf()")
    assert isinstance(error, KeyError)
    assert heard.of("raised") == [(2, error)]


def test_leaving_by_sys_exit_is_an_error_where_it_is_one_for_a_shell() -> None:
    assert run("import sys\nsys.exit(0)")[1] is None
    assert run("import sys\nsys.exit()")[1] is None
    heard, error = run("import argparse\nargparse.ArgumentParser().parse_args()\n", "s.py", "--unknown")
    assert isinstance(error, SystemExit)
    assert heard.of("raised") == [(2, error)]


def test_what_is_not_python_is_a_mistake_of_the_user() -> None:
    with pytest.raises(UserError) as found:
        Script("x = (", "s.py")
    assert found.value.where == "s.py:1:5"


def test_modules_of_the_users_own_have_the_torch_of_their_run(tmp_path: Path) -> None:
    (tmp_path / "layers").mkdir()  # a package without an __init__.py
    (tmp_path / "layers" / "dense.py").write_text("import torch\nuses = torch.zeros\n")
    (tmp_path / "helpers.py").write_text("from layers import dense\nfound = []\n")
    source = "import wave\nimport helpers\nhelpers.found.append(1)\nprint(helpers.dense.uses, helpers.found)\n"
    for uses in (list, dict):
        heard = Heard()
        script = Script(source, str(tmp_path / "train.py"))
        assert script.run(heard, {"torch": module("gradb.dialect", zeros=uses)}) is None
        assert heard.text == f"{uses} [1]"
    assert not {"helpers", "layers", "layers.dense"} & set(sys.modules)
    assert "wave" in sys.modules
