"""The command line from outside: what goes to which stream, and with which code it ends."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Gradb, Result
from gradb.export.formats import FORMATS
from gradb.export.selection import span
from gradb.scenario.bundled import names
from gradb.trace.trace import Trace
from gradb_tui.cli.walk import walk

HOLDS = "title: T\nprogram: |\n  import torch\n  w = torch.ones(1, requires_grad=True)\n  (w * 3).backward()\n"
TRUE = "expect:\n  - {at: end, w.grad: [3.0]}\n"
FALSE = "expect:\n  - {at: end, w.grad: [4.0]}\n"


@pytest.fixture
def gradb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gradb:
    return Gradb(tmp_path, monkeypatch, capfd)


# --- help and the like


@pytest.mark.parametrize("words", [("--help",), ("-h",), ("run", "--help"), ("replay", "--help"), ("export", "-h")])
def test_help_goes_to_standard_output(gradb: Gradb, words: tuple[str, ...]) -> None:
    result = gradb(*words)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("Usage: gradb")


def test_the_version_is_one_line(gradb: Gradb) -> None:
    assert gradb("--version") == Result(0, "gradb 0.1.0\n", "")


def test_list_names_the_bundled_scenarios_with_their_titles(gradb: Gradb) -> None:
    result = gradb("list")
    assert (result.code, result.err) == (0, "")
    assert [line.split()[0] for line in result.out.splitlines() if line.startswith("  ")] == names()
    assert "Leaf, non-leaf and root tensors" in result.out


def test_texts_are_in_the_language_of_the_locale_or_of_the_option(
    gradb: Gradb, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "张量与计算图" in gradb("--lang", "zh", "list").out
    assert gradb("--lang", "zh", "replay", "leaf").out.startswith("叶子、非叶子与根张量\n")
    assert gradb("replay", "leaf", "--lang", "zh").out.startswith("叶子、非叶子与根张量\n")
    assert gradb("replay", "--lang=zh", "leaf").out.startswith("叶子、非叶子与根张量\n")
    assert "No such option: --lang" in gradb("replay", "leaf", "--lang").err
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "张量与计算图" in gradb("list").out
    assert "Tensors and the graph" in gradb("--lang", "en", "list").out


def test_what_is_no_language_ends_with_2(gradb: Gradb) -> None:
    result = gradb("--lang", "12", "list")
    assert (result.code, result.out) == (2, "")
    assert result.err == "gradb: '12' is not a language\n  allowed: a code such as en, zh or pt-BR\n"


@pytest.mark.parametrize("what", ["scenario", "trace", "verdict"])
def test_schema_prints_json(gradb: Gradb, what: str) -> None:
    result = gradb("schema", what)
    assert (result.code, result.err) == (0, "")
    assert json.loads(result.out)["$defs"]


@pytest.mark.parametrize(
    "words", [("replai",), ("replay",), ("run", "a", "b"), ("replay", "leaf", "--loud"), ("schema", "events")]
)
def test_a_wrong_call_ends_with_2_and_explains_on_standard_error(gradb: Gradb, words: tuple[str, ...]) -> None:
    result = gradb(*words)
    assert (result.code, result.out) == (2, "")
    assert "Usage: gradb" in result.err


# --- without a terminal


def test_choosing_without_a_terminal_says_what_to_do_instead(gradb: Gradb) -> None:
    assert gradb() == Result(
        2,
        "",
        "gradb: there is no terminal to show the debugger in\n"
        "  to do: `gradb list` prints the scenarios, `gradb replay SOURCE` runs one without a terminal\n",
    )


def test_run_without_a_terminal_says_so_and_replays(gradb: Gradb) -> None:
    name = gradb.write("s.yaml", HOLDS + TRUE)
    run, replay = gradb("run", name), gradb("replay", name)
    assert run.err == "gradb: there is no terminal to show the debugger in, so this is `gradb replay s.yaml`\n"
    assert (run.code, run.out) == (0, replay.out)
    assert replay.err == ""


def test_what_a_program_is_warned_of_goes_to_standard_error_with_its_line(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", HOLDS + "  y = w * 2\n  for i in range(3):\n      y.grad\n"))
    assert result.code == 0
    assert result.err.startswith("gradb: s.yaml:8: UserWarning: y is not a leaf")
    assert len(result.err.splitlines()) == 1


# --- replay


def test_replay_prints_the_walk_then_the_expectations_then_the_verdict(gradb: Gradb) -> None:
    name = gradb.write("s.yaml", HOLDS + TRUE)
    result = gradb("replay", name)
    walked, _, checked = result.out.partition("\nexpectations\n")
    assert result.code == 0
    assert walked.startswith("T\nstep1/forward/1")
    assert checked == (
        "  holds  at end: w.grad: [3.0]  (step1/backward/5)\ns.yaml: 1 of 1 expectations hold (7 events, 1 step)\n"
    )


def test_a_failing_expectation_is_told_at_length_and_ends_with_1(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", HOLDS + FALSE), "--quiet")
    assert (result.code, result.err) == (1, "")
    lines = result.out.splitlines()
    assert lines[0] == "  FAILS  at end: w.grad"
    assert lines[1] == "         expected: [4.0]"
    assert lines[2].startswith("         actual:   [3.0] (1 away)  (step1/")
    assert lines[3] == "         claimed:  s.yaml:7:15"
    assert lines[4].startswith("s.yaml: 0 of 1 expectations hold")


def test_an_error_of_the_program_that_nobody_expects_ends_with_1(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", HOLDS + "  raise ValueError('no')\n"), "-q")
    assert result.code == 1
    assert "no error" in result.out
    assert "ValueError: no (line 4)" in result.out


def test_an_error_that_is_expected_holds(gradb: Gradb) -> None:
    text = HOLDS + "  raise ValueError('no')\nexpect:\n  - {raises: ValueError, message: 'no'}\n"
    assert gradb("replay", gradb.write("s.yaml", text), "-q").code == 0


def test_a_bad_file_ends_with_2_and_standard_output_stays_empty(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", "titel: T\n"))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("gradb: s.yaml:1:1: titel: there is no such key\n")


def test_a_program_that_is_not_allowed_ends_with_2_and_names_its_place(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", "title: T\nprogram: |\n  import os\n"))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("gradb: s.yaml:3:")


def test_a_program_beyond_its_budget_ends_with_2(gradb: Gradb) -> None:
    name = gradb.write("s.yaml", HOLDS + TRUE)
    result = gradb("replay", name, "--max-events", "2")
    assert result.code == 2
    assert "2 events" in result.err
    assert "expectations" not in result.out


def test_every_source_is_replayed_and_the_worst_code_counts(gradb: Gradb) -> None:
    good, bad = gradb.write("good.yaml", HOLDS + TRUE), gradb.write("bad.yaml", HOLDS + FALSE)
    result = gradb("replay", "-q", bad, "missing.yaml", good)
    assert result.code == 2
    assert "bad.yaml: 0 of 1" in result.out
    assert "good.yaml: 1 of 1" in result.out
    assert result.err == "gradb: missing.yaml: there is no such file\n"
    assert gradb("replay", "-q", bad, good).code == 1


def test_json_prints_one_event_a_line(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", HOLDS + TRUE), "--json")
    assert (result.code, result.err) == (0, "")
    events = [json.loads(line) for line in result.out.splitlines()]
    assert [event["index"] for event in events] == list(range(1, len(events) + 1))


def test_quiet_json_prints_one_verdict_a_line(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", HOLDS + FALSE), "--json", "-q")
    assert result.code == 1
    verdict, last = [json.loads(line) for line in result.out.splitlines()]
    assert (verdict["claim"], verdict["holds"], verdict["expected"]) == ("at end: w.grad", False, "[4.0]")
    assert (last["kind"], last["outcome"], last["failed"]) == ("replay", "fails", 1)


def test_from_and_to_choose_a_part_of_the_walk(gradb: Gradb) -> None:
    name = gradb.write("s.yaml", HOLDS)
    result = gradb("replay", name, "--json", "--from", "step1/backward", "--to", "step1/backward")
    assert {json.loads(line)["phase"] for line in result.out.splitlines()} == {"backward"}


def test_an_address_that_does_not_exist_ends_with_2(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", HOLDS), "--from", "step7")
    assert (result.code, result.out) == (2, "")
    assert "address 'step7': the run has the steps 1 to 1" in result.err


def test_a_text_of_the_program_cannot_steer_the_terminal(gradb: Gradb) -> None:
    text = "title: '[red]T[/]'\nprogram: |\n  print('\\x1b[2J[bold]x[/bold]')\n"
    result = gradb("replay", gradb.write("s.yaml", text))
    assert "\x1b" not in result.out
    assert "\\x1b[2J[bold]x[/bold]" in result.out
    assert result.out.startswith("[red]T[/]\n")


# --- scripts


def test_a_script_runs_as_python_with_gradb_for_torch(gradb: Gradb) -> None:
    gradb.write("helper.py", "factor = 3\n")
    script = gradb.write(
        "fit.py",
        "import os, torch\nimport torch.nn.functional as F\nfrom helper import factor\n"
        "w = torch.ones(1, requires_grad=True)\n(w * factor).backward()\nprint(w.grad, os.sep, __name__)\n",
    )
    result = gradb("replay", script)
    assert (result.code, result.err) == (0, "")
    assert "tensor([3.]) / __main__" in result.out
    assert "helper" not in result.out
    assert "nothing was expected" in result.out


def test_a_script_that_raises_ends_with_1_and_names_its_line(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("fit.py", "import torch\nx = torch.ones(1)\n1 / 0\n"), "-q")
    assert result.code == 1
    assert "ZeroDivisionError: division by zero (line 3)" in result.out


# --- export


def test_export_writes_a_header_and_every_event(gradb: Gradb) -> None:
    result = gradb("export", "leaf", "--format", "jsonl", "-o", "leaf.jsonl")
    assert (result.code, result.out) == (0, "")
    header, *events = [json.loads(line) for line in (gradb.folder / "leaf.jsonl").read_text().splitlines()]
    assert (header["kind"], header["events"]) == ("header", len(events))
    assert result.err.startswith(f"gradb: {len(events)} events written to leaf.jsonl (")


def test_the_same_program_exports_the_same_bytes(gradb: Gradb) -> None:
    first, second = gradb("export", "leaf"), gradb("export", "leaf")
    assert first.out == second.out
    assert (first.code, first.err) == (0, "")


def test_an_export_that_cannot_be_written_ends_with_2(gradb: Gradb) -> None:
    result = gradb("export", "leaf", "-o", "no/such/folder")
    assert (result.code, result.out) == (2, "")
    assert result.err == "gradb: no/such/folder: the file cannot be written: No such file or directory\n"


def test_an_unknown_format_is_refused_before_anything_runs(gradb: Gradb) -> None:
    result = gradb("export", "leaf", "--format", "xml", "-o", "x")
    assert (result.code, result.err) == (
        2,
        f"gradb: there is no export format 'xml'\n  allowed: {', '.join(FORMATS)}\n",
    )


# --- how a command ends


def _gradb(*words: str) -> list[str]:
    return [sys.executable, "-c", "from gradb_tui.cli import main; main()", *words]


def test_a_reader_that_goes_away_ends_the_command_without_a_traceback() -> None:
    with subprocess.Popen(_gradb("export", "leaf"), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_told_without_a_traceback() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(_gradb("export", "leaf"), stdout=full, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (2, b"gradb: the output cannot be written: No space left on device\n")


def test_an_interrupt_ends_with_130(gradb: Gradb, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gradb_tui.cli.listing.listing", interrupted)
    assert gradb("list").code == 130


# --- the walk


def test_the_walk_has_one_line_for_each_event(leaf_trace: Trace) -> None:
    lines = list(walk(leaf_trace, span(leaf_trace, "start", "end")))
    assert len(lines) == len(leaf_trace)
    assert lines[0] == "step1/forward/1   line 3  x = [2] by tensor; it does not require grad"
    assert lines[-1] == "step1/update/1    line 9  print: tensor([2.]) tensor([1.]) None"


@pytest.mark.parametrize(
    ("first", "last", "numbers"),
    [
        ("start", "end", range(1, 15)),
        ("step1/backward", "end", range(6, 15)),
        ("start", "step1/forward", range(1, 6)),
        ("line 8", "line 8", range(6, 14)),
        ("line 8", "line 8#2", range(6, 8)),
        ("#3", "#4", range(3, 5)),
        ("#4", "#3", range(4, 4)),
        ("start", "start", range(1, 2)),
    ],
)
def test_a_part_of_the_walk_ends_with_the_whole_of_its_address(
    leaf_trace: Trace, first: str, last: str, numbers: range
) -> None:
    assert span(leaf_trace, first, last) == numbers


# --- progress


def test_long_work_shows_its_progress_on_a_terminal_and_leaves_the_results_alone(gradb: Gradb) -> None:
    name = gradb.write("s.yaml", "title: T\nprogram: |\n  import torch\n  while True:\n      torch.ones(1)\n")
    leader, follower = pty.openpty()
    command = _gradb("replay", "-q", name, "--max-seconds", "1", "--max-events", "1000000000")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=follower, stdin=subprocess.DEVNULL) as process:
        os.close(follower)
        shown = b"".join(iter(lambda: _read(leader), b""))
        out = process.communicate()[0]
    os.close(leader)
    assert (process.returncode, out) == (2, b"")
    assert b"recording" in shown
    assert b" events" in shown
    assert b"the program needs more than 1 seconds" in shown.splitlines()[-3]


def _read(terminal: int) -> bytes:
    """The next bytes, none at the end: Linux raises an error when the other side of a terminal is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


# --- breakpoints

LOOP = (
    "title: T\nprogram: |\n  import torch\n  w = torch.ones(1, requires_grad=True)\n  for i in range(4):\n"
    "      (w * 3).backward()\n"
)


def test_until_ends_the_walk_where_the_condition_holds_and_says_so_on_standard_error(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", LOOP), "--until", "w.grad.norm() > 5")
    walked = [line for line in result.out.splitlines() if line.startswith("step")]
    assert walked[-1].startswith("step2/backward/4")
    assert "w.grad was [3] and is now [6]" in walked[-1]
    assert result.err.splitlines() == [
        "gradb: the walk ends at step2/backward/4:",
        "  w.grad.norm() > 5: w.grad = [6], w.grad.norm() = 6",
    ]
    assert result.code == 0


def test_until_takes_whatever_break_takes_and_the_first_one_counts(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", LOOP), "--json", "--until", "step == 3", "--until", "MulBackward0")
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert lines[-1]["kind"] == "visit"
    assert lines[-1]["step"] == 1


def test_an_until_that_never_holds_is_told(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", LOOP), "--until", "nan_or_inf")
    assert result.err == "gradb: the walk goes to its end: nan_or_inf never stops it\n"


@pytest.mark.parametrize("words", [("replay", "--until"), ("run", "--break")])
@pytest.mark.parametrize("text", ["w.grad.nrom() > 5", "kind acumulate", "w >"])
def test_a_condition_that_cannot_be_read_ends_with_2_before_anything_runs(
    gradb: Gradb, words: tuple[str, str], text: str
) -> None:
    result = gradb(words[0], gradb.write("s.yaml", LOOP), words[1], text)
    assert (result.code, result.out) == (2, "")
    assert "allowed:" in result.err


def test_a_name_that_the_run_does_not_have_ends_with_2(gradb: Gradb) -> None:
    result = gradb("replay", gradb.write("s.yaml", LOOP), "--until", "q.grad.norm() > 5")
    assert result.code == 2
    assert "no tensor is ever called 'q'" in result.err


def test_run_with_a_breakpoint_and_without_a_terminal_walks_to_it(gradb: Gradb) -> None:
    name = gradb.write("s.yaml", LOOP)
    result = gradb("run", name, "--break", "w.grad")
    assert "`gradb replay s.yaml --until w.grad`" in result.err
    assert "the walk ends at step1/backward/4" in result.err
