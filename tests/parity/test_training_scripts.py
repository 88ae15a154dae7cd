"""Whole training scripts in plain PyTorch print the same on gradb, where the runner swaps `import torch`."""

import contextlib
import io
import runpy
from pathlib import Path

import pytest
from gradb.recording import recording
from gradb.scenario.program.script import Script
from gradb.trace.recorder import Recorder
from gradb.trace.trace import Header, Trace

pytest.importorskip("torch")

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*.py"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_training_script_prints_what_it_prints_under_torch(path: Path) -> None:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        runpy.run_path(str(path), run_name="__main__")
    source = path.read_text()
    recorder = Recorder(Trace(Header(source=source, instrumented=True)))
    with recording(recorder):
        error = Script(source, str(path)).run(recorder)
    assert error is None
    printed = [event.text for event in recorder.trace.events if event.kind == "printed"]  # type: ignore[union-attr]
    assert "\n".join(printed) == shown.getvalue().rstrip("\n")
