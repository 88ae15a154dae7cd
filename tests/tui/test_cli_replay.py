"""`gradb replay` in CI: reports, annotations, several processes, the summary, and JSON that steers no terminal."""

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from command_line import Gradb
from gradb.debug.cleaning import clean, clean_json, harmless
from gradb.scenario.verdict_records import AnyLine, json_schema
from gradb_tui.cli.github import harmless_json
from hostile_traces import changed
from msgspec import json as msgjson

HEAD = "title: T\nprogram: |\n  import torch\n  w = torch.ones(1, requires_grad=True)\n  (w * 3).backward()\n"
GOOD = HEAD + "expect:\n  - {at: end, w.grad: [3.0]}\n"
BAD = HEAD + "expect:\n  - {at: end, w.grad: [3.0]}\n  - {at: end, w.grad: [4.0]}\n"
RAISES = HEAD + "  raise ValueError('100%, no: <a>')\n"
ENDLESS = "title: T\nprogram: |\n  import torch\n  while True:\n      torch.ones(1)\nlimits: {events: 5}\n"


@pytest.fixture
def gradb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Gradb:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)
    found = Gradb(tmp_path, monkeypatch, capfd)
    for name, text in {"good": GOOD, "bad": BAD, "raises": RAISES, "endless": ENDLESS, "wrong": "titel: T\n"}.items():
        found.write(f"{name}.yaml", text)
    return found


ALL = ("good.yaml", "endless.yaml", "bad.yaml", "wrong.yaml", "raises.yaml", "leaf")


# --- several at once


@pytest.mark.parametrize("words", [("-q",), ("--json",), ("-q", "--github")])
def test_the_output_is_the_same_for_one_process_and_for_several(gradb: Gradb, words: tuple[str, ...]) -> None:
    alone = gradb("replay", *words, "--junit", "alone.xml", *ALL)
    together = gradb("replay", *words, "--junit", "together.xml", "-j", "3", *ALL)
    assert alone == together
    assert alone.code == 2
    assert (gradb.folder / "alone.xml").read_bytes() == (gradb.folder / "together.xml").read_bytes()


def test_both_streams_in_one_file_keep_their_order_in_several_processes(gradb: Gradb) -> None:
    def both(*words: str) -> bytes:
        command = [sys.executable, "-c", "from gradb_tui.cli import main; main()", "replay", *words, *ALL]
        done = subprocess.run(command, cwd=gradb.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        return done.stdout

    assert both() == both("-j", "2")


def test_the_texts_of_several_processes_are_in_the_language_that_was_asked_for(gradb: Gradb) -> None:
    result = gradb("--lang", "zh", "replay", "-j", "2", "leaf", "good.yaml")
    assert result.out.startswith("叶子、非叶子与根张量\n")


def test_a_process_that_dies_costs_its_source_alone_and_says_so(gradb: Gradb) -> None:
    script = gradb.write("dies.py", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    result = gradb("replay", "-q", "-j", "2", "good.yaml", script, "bad.yaml")
    assert result.code == 2
    assert "good.yaml: 1 of 1" in result.out
    assert "bad.yaml: 1 of 2" in result.out
    assert result.err == (
        "gradb: dies.py: the process that replayed it died (SIGKILL)\n"
        "  to do: it may have needed more memory than there is: run fewer at once with -j, or replay it alone\n"
    )


def test_an_interrupt_ends_every_process_without_a_traceback(gradb: Gradb) -> None:
    gradb.write(
        "sleeps.py", "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(60)\n"
    )
    command = [sys.executable, "-c", "from gradb_tui.cli import main; main()", "replay", "-j", "2", "sleeps.py", "leaf"]
    process = subprocess.Popen(
        command, cwd=gradb.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    told = gradb.folder / "pid"
    while not (told.exists() and told.read_text()):
        assert process.poll() is None
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to all of them
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"gradb: interrupted\n")
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


# --- the summary


def test_several_sources_end_with_a_table_and_one_does_not(gradb: Gradb) -> None:
    result = gradb("replay", "-q", "good.yaml", "bad.yaml", "wrong.yaml")
    table = [line.split() for line in result.out.splitlines()[-9:] if line.strip()]
    assert table[0] == ["source", "verdict", "expectations", "events", "steps"]
    assert table[2:] == [
        ["good.yaml", "holds", "1", "of", "1", "7", "1"],
        ["bad.yaml", "FAILS", "1", "of", "2", "7", "1"],
        ["wrong.yaml", "could", "not", "run", "0", "0"],
        [
            *[
                "3",
                "sources",
                "1",
                "holds,",
                "1",
                "fails,",
                "1",
                "could",
                "not",
                "run",
                "2",
                "of",
                "3",
                "hold",
                "14",
                "2",
            ]
        ],
    ]
    assert "verdict" not in gradb("replay", "-q", "good.yaml").out


# --- JSON


def test_quiet_json_lines_are_what_the_schema_says(gradb: Gradb) -> None:
    result = gradb("replay", "-q", "--json", "good.yaml", "bad.yaml", "wrong.yaml")
    lines = [msgjson.decode(line, type=AnyLine) for line in result.out.encode().splitlines()]
    shown = [(json.loads(line)["kind"], json.loads(line)["source"]) for line in result.out.splitlines()]
    assert shown == [
        ("verdict", "good.yaml"),
        ("replay", "good.yaml"),
        ("verdict", "bad.yaml"),
        ("verdict", "bad.yaml"),
        ("replay", "bad.yaml"),
        ("replay", "wrong.yaml"),
    ]
    last = lines[-1]
    assert json.loads(msgjson.encode(last))["problem"]["where"] == "wrong.yaml:1:1"


def test_the_schema_names_every_key_of_a_verdict(gradb: Gradb) -> None:
    definitions = json_schema()["$defs"]
    line = json.loads(gradb("replay", "-q", "--json", "bad.yaml").out.splitlines()[1])
    assert set(definitions["VerdictLine"]["properties"]) == set(line)
    assert json.loads(gradb("schema", "verdict").out) == json_schema()


@pytest.mark.parametrize("sign", ["\x7f", "\x85", "\x9b", "\u200f", "\u202e", "\u2066", "\ufeff"])
def test_json_says_a_sign_that_steers_a_terminal_by_its_number(gradb: Gradb, sign: str) -> None:
    text = f"title: T\nprogram: |\n  print('a\\u{ord(sign):04x}é∂')\n"
    result = gradb("replay", "--json", gradb.write("s.yaml", text))
    assert sign not in result.out
    assert "é∂" in result.out
    assert json.loads(result.out)["text"] == f"a{sign}é∂"


def test_json_without_such_signs_is_left_as_it_is() -> None:
    line = '{"text":"∂L/∂w · √2, 张量 …"}'.encode()
    assert clean_json(line) == line


# --- JUnit


def test_the_junit_file_has_a_suite_for_each_source_and_a_case_for_each_claim(gradb: Gradb) -> None:
    assert gradb("replay", "-q", "--junit", "out.xml", "good.yaml", "bad.yaml", "wrong.yaml", "raises.yaml").code == 2
    root = ET.parse(gradb.folder / "out.xml").getroot()
    assert root.attrib == {"name": "gradb", "tests": "5", "failures": "2", "errors": "1"}
    suites = {suite.get("name"): suite for suite in root}
    assert [suite.get("tests") for suite in suites.values()] == ["1", "2", "1", "1"]
    (failure,) = suites["bad.yaml"].iter("failure")
    assert failure.get("message") == "expected [4.0], is [3.0] (1 away)"
    assert "step1/backward/5" in (failure.text or "")
    case = suites["bad.yaml"][1]
    assert (case.get("name"), case.get("file"), case.get("line")) == ("at end: w.grad", "bad.yaml", "8")
    (error,) = suites["wrong.yaml"].iter("error")
    assert error.get("message") == "titel: there is no such key"
    (raised,) = suites["raises.yaml"].iter("failure")
    assert "100%, no: <a>" in raised.get("message", "")


def test_a_junit_file_holds_no_character_that_xml_forbids(gradb: Gradb) -> None:
    name = gradb.write("s.yaml", HEAD + "  print('\\x1b\\x00\\ud800')\nexpect:\n  - {printed: 'no'}\n")
    gradb("replay", "-q", "--junit", "out.xml", name)
    (failure,) = ET.parse(gradb.folder / "out.xml").iter("failure")
    assert "\\x1b\\x00\\ud800" in (failure.text or "")


def test_a_source_without_expectations_is_a_case_that_passes(gradb: Gradb) -> None:
    gradb("replay", "-q", "--junit", "out.xml", gradb.write("s.yaml", HEAD))
    (case,) = ET.parse(gradb.folder / "out.xml").iter("testcase")
    assert (case.get("name"), list(case)) == ("the program runs to its end", [])


def test_a_junit_file_that_cannot_be_written_ends_with_2(gradb: Gradb) -> None:
    result = gradb("replay", "-q", "--junit", "no/such/out.xml", "good.yaml")
    assert result.code == 2
    assert "no/such/out.xml: the file cannot be written" in result.err


# --- GitHub


def _commands(text: str) -> list[str]:
    """The lines that GitHub's runner takes for commands."""
    return [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]


def _annotations(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("::")]


def test_an_annotation_stands_on_the_line_of_a_failing_claim_and_is_escaped(gradb: Gradb) -> None:
    (line,) = _annotations(gradb("replay", "--github", "bad.yaml").out)
    assert line.startswith(
        "::error file=bad.yaml,line=8,col=15,title=gradb%3A at end%3A w.grad::expected [4.0], is [3.0] (1 away)%0A"
    )
    (line,) = _annotations(gradb("replay", "--github", "raises.yaml").out)
    assert line.startswith("::error file=raises.yaml,line=6,title=")
    assert "ValueError: 100%25, no: <a> (line 4)%0A" in line
    (line,) = _annotations(gradb("replay", "--github", "wrong.yaml").out)
    assert line.startswith("::error file=wrong.yaml,line=1,col=1,title=gradb%3A could not run::titel: there is no")


def test_a_file_is_named_from_the_top_of_the_checkout_and_a_bundled_scenario_has_none(
    gradb: Gradb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(gradb.folder.parent))
    (gradb.folder / "a,b").mkdir()
    gradb.write("a,b/bad.yaml", BAD)
    (line,) = _annotations(gradb("replay", "--github", "a,b/bad.yaml").out)
    assert line.startswith(f"::error file={gradb.folder.name}/a%2Cb/bad.yaml,line=8,")
    (line,) = _annotations(gradb("replay", "--github", "leaf", "--max-events", "2").out)
    assert line.startswith("::error title=gradb%3A could not run::")


def test_annotations_go_to_standard_error_where_standard_output_is_json(gradb: Gradb) -> None:
    result = gradb("replay", "-q", "--json", "--github", "bad.yaml")
    assert len(_annotations(result.err)) == 1
    assert all(json.loads(line) for line in result.out.splitlines())


def test_a_program_cannot_give_commands_to_the_runner(gradb: Gradb) -> None:
    text = (
        "title: '::add-mask::T'\nprogram: |\n  print('a\\n  ::error::b ##[error]c')\n  raise ValueError('x\\n::d::')\n"
    )
    for words in ((), ("-q",), ("--json",), ("-q", "--json")):
        result = gradb("replay", "--github", *words, gradb.write("s.yaml", text))
        lines = (result.out + result.err).splitlines()
        assert [line for line in lines if line.lstrip().startswith("::") and "file=s.yaml" not in line] == []
        assert [line for line in lines if "##[" in line and not line.startswith("::error file=s.yaml")] == []


NAMES = (
    "a b.yaml",
    "c:1.yaml",
    "n\n::error::l.yaml",
    "e\x1b[31m.yaml",
    "::error::x.yaml",
    "%0Ap,=.yaml",
    '<i>&".yaml',
)


def test_the_name_of_a_file_is_neither_a_command_nor_markup(gradb: Gradb) -> None:
    for name in NAMES:
        gradb.write(name, BAD)
    result = gradb("replay", "--github", "--junit", "out.xml", *NAMES)
    assert result.code == 1
    commands = _commands(result.out + result.err)
    assert len(commands) == len(NAMES)
    assert all(line.startswith("::error file=") for line in commands)
    assert "\x1b" not in result.out + result.err
    suites = ET.parse(gradb.folder / "out.xml").getroot()
    assert [suite.get("name") for suite in suites] == [clean(name) for name in NAMES]


def test_the_warnings_of_a_trace_file_are_no_commands(gradb: Gradb) -> None:
    path = changed(gradb.folder, ("UPDATE header SET value = ? WHERE key = 'warnings'", ('[[1, "a\\n::error::b"]]',)))
    result = gradb("replay", "--github", path.name)
    assert "a\n\\::error::b" in result.err


def test_harmless_texts_are_left_as_they_are() -> None:
    assert harmless("a::b # #[c]") == "a::b # #[c]"
    assert json.loads(harmless_json(b'"##[error]"')) == "##[error]"
