"""`gradb diff`: what it says of two runs, its exit codes, and accepting a run as the golden one."""

import sqlite3
from pathlib import Path

import pytest
from command_line import Gradb
from gradb.trace.file.dumping import save_trace
from gradb.trace.file.trace import open_trace

PROGRAM = """\
title: T
program: |
  import torch
  w = torch.tensor([3.0], requires_grad=True)
  for step in range(4):
      loss = (w * w).sum()
      loss.backward()
      with torch.no_grad():
          w -= 0.1 * w.grad
      w.grad = None
"""
OTHER = PROGRAM.replace("0.1", "0.2")
LONGER = PROGRAM.replace("      loss = ", "      extra = w + 1\n      loss = ")


@pytest.fixture
def gradb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gradb:
    found = Gradb(tmp_path, monkeypatch, capfd)
    for name, text in {"a": PROGRAM, "other": OTHER, "longer": LONGER, "wrong": "titel: T\n"}.items():
        found.write(f"{name}.yaml", text)
    return found


# --- what it says


def test_equal_runs_end_with_0_and_one_line_says_so(gradb: Gradb) -> None:
    result = gradb("diff", "a.yaml", "a.yaml")
    assert (result.code, result.err) == (0, "")
    assert result.out.splitlines() == [
        "A  a.yaml  gradb, 49 events, 4 steps",
        "B  a.yaml  gradb, 49 events, 4 steps",
        "equal: 49 events agree exactly",
    ]


def test_different_runs_end_with_1_and_show_both_sides_the_events_around_and_each_tensor(gradb: Gradb) -> None:
    result = gradb("diff", "a.yaml", "other.yaml")
    assert (result.code, result.err) == (1, "")
    lines = result.out.splitlines()
    assert lines[2:6] == ["DIFFERENT from step1/update/1 on (#11)", "  mul (0.6 apart)", "    A  [0.6]", "    B  [1.2]"]
    marked = [line for line in lines if line.startswith("    > ")]
    assert [line.split("  line")[1] for line in marked] == [
        "   7  mul#11 = mul(w.grad, 0.1) → [0.6]",
        "   7  mul#11 = mul(w.grad, 0.2) → [1.2]",
    ]
    assert "events: 23 differ; 26 agree within rtol 1e-06, atol 0" in lines
    rows = [line.split() for line in lines[lines.index("") + 1 :] if line]
    assert rows[0] == ["tensor", "first", "in", "A", "written", "differ", "distance", "relative"]
    assert rows[3] == ["w", "step1/update/2", "5", "4", "0.888", "0.68359"]
    assert rows[-1] == ["2", "tensors", "and", "gradients", "that", "both", "have", "agree"]


def test_an_event_that_one_run_lacks_is_shown_in_its_place_in_both(gradb: Gradb) -> None:
    lines = gradb("diff", "a.yaml", "longer.yaml").out.splitlines()
    assert lines[2] == "DIFFERENT from step1/forward/2 of B on, an event that A does not have"
    assert lines[5] == "    > (no such event)"
    assert lines[10].startswith("    > step1/forward/2  line   4  extra = add(w, 1)")
    assert "events: 4 only in B; 49 agree within rtol 1e-06, atol 0" in lines
    lines = gradb("diff", "longer.yaml", "a.yaml").out.splitlines()
    assert lines[2] == "DIFFERENT from step1/forward/2 of A on, an event that B does not have"


def test_the_tolerances_are_those_that_were_asked_for(gradb: Gradb) -> None:
    gradb.write("near.yaml", PROGRAM.replace("[3.0]", "[3.0001]"))
    assert gradb("diff", "a.yaml", "near.yaml").code == 1
    result = gradb("diff", "a.yaml", "near.yaml", "--rtol", "1e-3")
    assert result.code == 0
    assert "equal: 49 events agree within rtol 0.001, atol 0 (the largest distance is " in result.out
    assert gradb("diff", "a.yaml", "near.yaml", "--rtol", "0", "--atol", "0.01").code == 0


def test_a_program_cannot_steer_the_terminal_through_a_difference(gradb: Gradb) -> None:
    one = gradb.write("one.yaml", PROGRAM + "  print('\\x1b[2J1')\n")
    other = gradb.write("two.yaml", PROGRAM + "  print('\\x1b[2J2')\n")
    result = gradb("diff", one, other)
    assert result.code == 1
    assert "\x1b" not in result.out
    assert "    A  \\x1b[2J1" in result.out


# --- what cannot be compared


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("a.yaml",), "there is nothing to compare with\n  allowed: a second source"),
        (("a.yaml", "missing.yaml"), "missing.yaml: there is no such file"),
        (("wrong.yaml", "a.yaml"), "wrong.yaml:1:1: titel: there is no such key"),
        (("a.yaml", "a.yaml@jax"), "a.yaml@jax: there is no engine 'jax'\n  allowed: gradb, torch"),
        (("a.yaml", "a.yaml", "--max-events", "3"), "the program needs more than 3 events"),
        (("a.yaml", "a.yaml", "--update"), "a.yaml: only a recorded run can be updated"),
        (("golden.gradb", "a.yaml"), "golden.gradb"),
        (("junk.gradb", "a.yaml"), "junk.gradb"),
        (("junk.gradb", "a.yaml", "--update"), "junk.gradb"),
        (("a.yaml", "golden.gradb@torch"), "a run that was recorded runs on no engine"),
    ],
)
def test_what_cannot_run_ends_with_2_and_compares_nothing(gradb: Gradb, words: tuple[str, ...], message: str) -> None:
    gradb.write("junk.gradb", "no trace at all\n")
    result = gradb("diff", *words)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert (gradb.folder / "junk.gradb").read_text() == "no trace at all\n"


# --- golden traces


def test_a_run_is_compared_with_a_file_as_with_a_program(gradb: Gradb) -> None:
    assert gradb("diff", "golden.gradb", "a.yaml", "--update").code == 0
    assert gradb("diff", "golden.gradb", "a.yaml").code == 0
    from_file, from_program = gradb("diff", "golden.gradb", "other.yaml"), gradb("diff", "a.yaml", "other.yaml")
    assert from_file.code == from_program.code == 1
    assert from_file.out.splitlines()[2:] == from_program.out.splitlines()[2:]


def test_the_first_update_makes_the_file_and_says_so(gradb: Gradb) -> None:
    result = gradb("diff", "golden.gradb", "a.yaml", "--update")
    assert (result.code, result.out) == (0, "")
    assert result.err == "gradb: golden.gradb is new: gradb, 49 events, 4 steps\n"
    assert [path.name for path in gradb.folder.iterdir() if ".gradb" in path.name] == ["golden.gradb"]


def test_an_update_shows_what_changes_and_replaces_the_file(gradb: Gradb) -> None:
    gradb("diff", "golden.gradb", "a.yaml", "--update")
    shown = gradb("diff", "golden.gradb", "other.yaml")
    result = gradb("diff", "golden.gradb", "other.yaml", "--update")
    assert (result.code, result.out) == (0, shown.out)
    assert result.err == "gradb: golden.gradb is now the run of other.yaml: gradb, 49 events, 4 steps\n"
    assert gradb("diff", "golden.gradb", "other.yaml").code == 0
    assert [path.name for path in gradb.folder.iterdir() if ".gradb" in path.name] == ["golden.gradb"]


def test_an_update_without_a_difference_leaves_the_file_alone(gradb: Gradb) -> None:
    gradb("diff", "golden.gradb", "a.yaml", "--update")
    before = (gradb.folder / "golden.gradb").stat()
    assert gradb("diff", "golden.gradb", "a.yaml", "--update").code == 0
    after = (gradb.folder / "golden.gradb").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_an_update_that_fails_leaves_the_old_file_whole(gradb: Gradb, monkeypatch: pytest.MonkeyPatch) -> None:
    gradb("diff", "golden.gradb", "a.yaml", "--update")
    before = (gradb.folder / "golden.gradb").read_bytes()

    def halfway(_: object, path: Path, *__: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gradb_tui.cli.diff_update.save_trace", halfway)
    assert gradb("diff", "golden.gradb", "other.yaml", "--update").code == 2
    assert (gradb.folder / "golden.gradb").read_bytes() == before
    assert [path.name for path in gradb.folder.iterdir() if ".gradb" in path.name] == ["golden.gradb"]
    assert gradb("diff", "golden.gradb", "wrong.yaml", "--update").code == 2
    assert (gradb.folder / "golden.gradb").read_bytes() == before


def test_a_file_of_a_run_that_was_cut_off_says_so(gradb: Gradb) -> None:
    gradb("diff", "golden.gradb", "a.yaml", "--update")
    with sqlite3.connect(gradb.folder / "golden.gradb") as file:
        file.execute("UPDATE header SET value = 0 WHERE key = 'complete'")
    assert gradb("diff", "golden.gradb", "a.yaml").out.startswith(
        "A  golden.gradb  gradb, 49 events, 4 steps, not recorded to its end\n"
    )


def test_a_golden_trace_holds_what_was_expected_of_it_and_its_data(gradb: Gradb) -> None:
    gradb.write("v.csv", "v\n1.5\n2.5\n")
    text = "title: T\ndata:\n  v: {file: v.csv, column: v}\nprogram: |\n  s = v.sum()\nexpect:\n  - {at: end, s: 4.0}\n"
    gradb("diff", "golden.gradb", gradb.write("s.yaml", text), "--update")
    (gradb.folder / "v.csv").unlink()
    assert gradb("replay", "-q", "golden.gradb").out == "golden.gradb: 1 of 1 expectations hold (2 events, 1 step)\n"


def test_two_files_are_compared_without_running_anything(gradb: Gradb) -> None:
    gradb("diff", "golden.gradb", "a.yaml", "--update")
    save_trace(open_trace(gradb.folder / "golden.gradb"), gradb.folder / "copy.gradb")
    assert gradb("diff", "golden.gradb", "copy.gradb").code == 0
