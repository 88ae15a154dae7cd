"""The script of every bundled scenario runs under real PyTorch, prints what the run printed, and its asserts hold."""

import contextlib
import io
import os
import re
import runpy
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from gradb.export import py
from gradb.export.selection import select
from gradb.random import DEFAULT_SEED
from gradb.scenario.bundled import load_bundled, names
from gradb.scenario.runner import run
from gradb.trace.events import Printed, Raised
from gradb.trace.trace import Trace
from gradb_tui.cli.words import words_of
from msgspec.structs import replace

torch: Any = pytest.importorskip("torch")


class Pyplot(types.ModuleType):
    """Stands for matplotlib.pyplot, which the tests do not need: every call does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *values, **options: Pyplot("drawn")


@pytest.fixture
def plain_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process as a script finds it: torch not seeded, and a matplotlib that draws nothing."""
    pyplot = Pyplot("matplotlib.pyplot")
    package = types.ModuleType("matplotlib")
    package.pyplot = pyplot  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "matplotlib", package)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    torch.manual_seed(DEFAULT_SEED)


def script_of(name: str) -> tuple[bytes, Trace]:
    scenario = load_bundled(name)
    trace = run(scenario)
    selection = replace(select(trace), words=words_of(scenario))
    return b"".join(py.chunks(trace, selection)), trace


def printed_by(trace: Trace) -> list[str]:
    return words(" ".join(event.text for event in trace.events if isinstance(event, Printed)))


def words(text: str) -> list[str]:
    """What a text says, without where its lines end and where in memory objects are."""
    return re.sub(r"0x[0-9a-f]+", "0x", text).split()


@pytest.mark.usefixtures("plain_torch")
@pytest.mark.parametrize("name", names())
@pytest.mark.filterwarnings("ignore")
def test_the_script_prints_under_torch_what_the_scenario_printed(name: str, tmp_path: Path) -> None:
    script, trace = script_of(name)
    file = tmp_path / "script.py"
    file.write_bytes(script)
    shown = io.StringIO()
    error: Exception | None = None
    with contextlib.redirect_stdout(shown):
        try:
            runpy.run_path(str(file), run_name="__main__")
        except Exception as raised:
            error = raised
    last = trace.events[-1]
    assert type(error).__name__ == (last.error if isinstance(last, Raised) else "NoneType"), error
    assert words(shown.getvalue()) == printed_by(trace)


def test_a_script_needs_nothing_but_torch_and_checks_what_is_expected(tmp_path: Path) -> None:
    script, trace = script_of("leaf")
    assert b"\nassert torch.allclose(w.grad, torch.tensor([2.0], dtype=w.grad.dtype)" in script
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_bytes(script)
    bad.write_bytes(script.replace(b"(w.grad, torch.tensor([2.0]", b"(w.grad, torch.tensor([3.0]"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = [
        subprocess.run([sys.executable, "-I", str(file)], capture_output=True, text=True, env=clean, check=False)
        for file in (good, bad)
    ]
    assert [one.returncode for one in done] == [0, 1]
    assert words(done[0].stdout) == printed_by(trace)
    assert "AssertionError" in done[1].stderr
