"""Trace files on the command line: what `--save` and `record` write, every command takes where it takes a scenario."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from command_line import Gradb
from gradb.trace.file.trace import open_trace

DATA = """title: Data
data: {targets: {file: targets.csv, column: a}}
program: |
  import torch
  w = torch.ones(2, requires_grad=True)
  (w * targets).sum().backward()
expect:
  - {at: end, w.grad: [3.0, 4.0]}
"""


@pytest.fixture
def gradb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gradb:
    return Gradb(tmp_path, monkeypatch, capfd)


def test_a_saved_run_replays_exports_and_checks_its_claims_as_the_scenario_does(gradb: Gradb) -> None:
    scenario = gradb("replay", "leaf")
    saving = gradb("replay", "leaf", "--save", "run.gradb")
    assert (saving.code, saving.out) == (0, scenario.out)
    assert "gradb: 18 events written to run.gradb (" in saving.err
    saved = gradb("replay", "run.gradb")
    assert (saved.code, saved.out) == (0, scenario.out.replace("\nleaf:", "\nrun.gradb:"))
    assert saved.err == scenario.err  # what the program was warned of
    assert gradb("export", "run.gradb").out == gradb("export", "leaf").out
    assert gradb("replay", "run.gradb", "--json").out == gradb("replay", "leaf", "--json").out
    assert gradb("diff", "leaf", "run.gradb").code == 0


def test_record_writes_a_file_named_after_the_source(gradb: Gradb) -> None:
    result = gradb("record", "zero_grad")
    assert (result.code, result.out) == (0, "")
    assert "events written to zero_grad.gradb (" in result.err
    assert gradb("replay", "-q", "zero_grad.gradb").code == 0


def test_what_a_saved_run_says_is_in_the_language_of_who_opens_it(gradb: Gradb) -> None:
    gradb("record", "leaf")
    assert gradb("--lang", "zh", "replay", "leaf.gradb").out.startswith("叶子、非叶子与根张量\n")


def test_the_data_of_a_scenario_is_in_the_file(gradb: Gradb) -> None:
    gradb.write("targets.csv", "a\n3.0\n4.0\n")
    gradb.write("d.yaml", DATA)
    assert gradb("record", "d.yaml").code == 0
    (gradb.folder / "targets.csv").unlink()
    assert gradb("replay", "-q", "d.gradb").code == 0


SCRIPT = "import os\nimport gradb\nw = gradb.ones(1, requires_grad=True)\n(w * 2).backward()\n"


def test_a_script_is_recorded_and_its_file_replayed(gradb: Gradb) -> None:
    gradb.write("s.py", SCRIPT)
    assert gradb("record", "s.py", "-o", "s.gradb").code == 0
    assert gradb("replay", "s.gradb").code == 0


@pytest.mark.skipif(find_spec("torch") is None, reason="PyTorch is not installed")
def test_the_program_in_a_file_is_not_trusted_though_it_was_a_script(gradb: Gradb) -> None:
    gradb.write("s.py", SCRIPT)
    assert gradb("record", "s.py", "-o", "s.gradb").code == 0
    refused = gradb("verify", "s.gradb")
    assert refused.code == 2
    assert "os" in refused.err


def test_a_program_that_raises_is_saved_with_its_error(gradb: Gradb) -> None:
    gradb.write("r.yaml", "title: R\nprogram: |\n  import torch\n  w = torch.ones(1)\n  raise ValueError('no')\n")
    result = gradb("record", "r.yaml")
    assert result.code == 1
    assert "the program raised ValueError in line 3: no" in result.err
    assert "ValueError: no" in gradb("replay", "r.gradb").out


def test_a_run_that_breaks_a_limit_is_saved_up_to_there_and_says_so_when_it_is_opened(gradb: Gradb) -> None:
    result = gradb("replay", "-q", "regression", "--save", "r.gradb", "--max-events", "500")
    assert result.code == 2
    assert len(open_trace(Path("r.gradb"))) >= 500
    opened = gradb("replay", "-q", "r.gradb")
    assert opened.code == 2
    assert "the recording ended early" in opened.err
    assert "500 events" in opened.err


def test_a_program_that_is_refused_leaves_no_file(gradb: Gradb) -> None:
    gradb.write("bad.yaml", "title: B\nprogram: |\n  import os\n")
    assert gradb("record", "bad.yaml").code == 2
    assert not [path for path in gradb.folder.iterdir() if "gradb" in path.name]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("replay", "none.gradb"), "none.gradb: there is no such file"),
        (("replay", "text.gradb"), "text.gradb: this is not a trace of gradb"),
        (("replay", "empty.gradb"), "empty.gradb: the file is empty"),
        (("record", "leaf", "-o", "text.gradb"), "text.gradb: this is not a trace of gradb"),
        (("record", "leaf", "-o", "none/x.gradb"), "there is no such folder"),
        (("replay", "leaf", "leaf", "--save", "x.gradb"), "one file holds one run"),
    ],
)
def test_a_file_that_will_not_do_gives_one_error(gradb: Gradb, words: tuple[str, ...], said: str) -> None:
    gradb.write("text.gradb", "a letter")
    gradb.write("empty.gradb", "")
    result = gradb(*words)
    assert result.code == 2
    assert said in result.err
    assert (gradb.folder / "text.gradb").read_text() == "a letter"


def test_a_saved_run_is_not_saved_again(gradb: Gradb) -> None:
    gradb("record", "leaf")
    result = gradb("replay", "leaf.gradb", "--save", "again.gradb")
    assert result.code == 2
    assert "copy the file" in result.err


def test_a_trace_with_any_name_is_known_by_its_content(gradb: Gradb) -> None:
    gradb("record", "leaf")
    (gradb.folder / "leaf.gradb").rename(gradb.folder / "golden.db")
    lines = gradb("export", "golden.db").out.splitlines()
    assert json.loads(lines[0])["title"] == "Leaf, non-leaf and root tensors"


def test_what_a_file_does_not_keep_is_told_by_every_command(gradb: Gradb) -> None:
    assert gradb("record", "regression", "-o", "r.gradb", "--keep", "every:100").code == 0
    result = gradb("replay", "-q", "r.gradb")
    assert result.code == 0  # what is claimed is of small values, which are always kept
    assert "r.gradb: values of every 100th step were kept; of others their health" in result.err
    assert '"data":null' in gradb("export", "r.gradb", "--from", "step2", "--to", "step2").out
    refused = gradb("verify", "r.gradb")
    assert refused.code == 2
    assert "there is not enough to compare" in refused.err or "PyTorch" in refused.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("record", "leaf", "--keep", "half"), "does not say which values to keep"),
        (("record", "leaf", "--budget", "much"), "'much' is not a size"),
        (("replay", "leaf", "--keep", "summary"), "name the file with --save"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_runs(gradb: Gradb, words: tuple[str, ...], said: str) -> None:
    result = gradb(*words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert not [*gradb.folder.iterdir()]
