"""Scenario files as tests of pytest, run by pytest itself in a folder of their own."""

import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import pytest
from gradb.testing import outcomes

pytest_plugins = ["pytester"]

Pytest = Callable[..., pytest.RunResult]

PROGRAM = """\
title: T
program: |
  import torch
  w = torch.ones(1, requires_grad=True)
  (w * 3).backward()
  print("done:", w.grad)
"""
EXPECT = """\
expect:
  - {at: line 2, w: [1.0], w.is_leaf: true}
  - {order: [MulBackward0, AccumulateGrad(w)]}
  - {at: end, w.grad: [3.0]}
  - {printed: "done: tensor([3.])"}
"""
STRANGE = """\
title: T
program: |
  import torch
  w = torch.ones(1)
expect:
  - {at: end, "w\\e[31m\\n::error::q": [2.0]}
  - {printed: "::error::never\\n::stop-commands::x\\a"}
"""
FAILING = EXPECT.replace("[3.0]", "[4.0]")
ENDLESS = """\
title: T
program: |
  import torch
  while True:
      torch.ones(1)
limits: {events: 10}
expect:
  - {at: end, w.grad: [3.0]}
  - {at: end, v: [3.0]}
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Pytest:
    """Runs pytest in this process, without the other plugins of this project."""

    def run(*words: str, **files: str) -> pytest.RunResult:
        write(pytester, **files)
        others = [word for name in ("asyncio", "syrupy", "hypothesispytest") for word in ("-p", f"no:{name}")]
        return pytester.runpytest_inprocess(*others, "-p", "no:cacheprovider", *words)

    return run


def write(pytester: pytest.Pytester, **files: str) -> None:
    """Writes `NAME.scenario.yaml` for each of the texts."""
    for name, text in files.items():
        (pytester.path / f"{name}.scenario.yaml").write_text(text)


def counts(result: pytest.RunResult) -> dict[str, int]:
    """How many tests ended how."""
    return {name: count for name, count in result.parseoutcomes().items() if name not in ("warnings", "warning")}


def test_pytest_finds_the_plugin_by_itself() -> None:
    (found,) = entry_points(group="pytest11", name="gradb")
    assert found.value == "gradb.pytest_plugin"


def test_every_expectation_is_a_test_with_a_name_of_its_own(run: Pytest) -> None:
    result = run("--collect-only", "-q", leaf=PROGRAM + EXPECT + "  - {at: line 2, w: [1]}\n")
    names = [line.partition("::")[2] for line in result.outlines if "::" in line]
    assert names == [
        "line2:w", "line2:w.is_leaf", "step1:order", "end:w.grad", "printed:done_tensor_3.", "line2:w#2", "ends",
    ]  # fmt: skip


def test_expectations_that_hold_pass_and_the_program_runs_once(run: Pytest, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    start = outcomes.start

    def counted(scenario: Any) -> Any:
        started.append(scenario)
        return start(scenario)

    monkeypatch.setattr(outcomes, "start", counted)
    run("--collect-only", one=PROGRAM + EXPECT, two=PROGRAM)
    assert started == []
    assert counts(run()) == {"passed": 7}
    assert len(started) == 2


def test_a_failing_expectation_tells_both_sides_the_address_the_line_and_the_events_around(run: Pytest) -> None:
    result = run(leaf=PROGRAM + FAILING)
    assert counts(result) == {"failed": 1, "passed": 5}
    result.stdout.fnmatch_lines(
        [
            "expected [[]4.0], is [[]3.0] (1 away)",
            "  claim:    at end: w.grad (leaf.scenario.yaml:10:15)",
            "  expected: [[]4.0]",
            "  actual:   [[]3.0] (1 away)",
            "  address:  step1/update/1",
            '  source:   leaf.scenario.yaml:6: print("done:", w.grad)',
            "  events:",
            "      step1/backward/4  line   3  w.grad was None and is now [[]3]",
            "    > step1/update/1    line   4  print: done: tensor([[]3.])",
            "FAILED leaf.scenario.yaml::end:w.grad - Failed: expected [[]4.0], is [[]3.0]*",
        ]
    )


def test_an_error_that_nobody_expects_fails_the_test_of_the_end_alone(run: Pytest) -> None:
    result = run(leaf=PROGRAM + "  raise ValueError('no')\n" + EXPECT)
    assert counts(result) == {"failed": 1, "passed": 5}
    result.stdout.fnmatch_lines(["*::ends - Failed: expected no error, is ValueError:*"])


def test_an_error_that_is_expected_takes_the_place_of_the_end(run: Pytest) -> None:
    result = run("-v", leaf=PROGRAM + "  raise ValueError('no')\nexpect:\n  - {raises: ValueError}\n")
    assert counts(result) == {"passed": 1}
    result.stdout.fnmatch_lines(["*::raises:ValueError PASSED*"])


def test_a_file_that_is_no_scenario_is_one_error_with_every_mistake(run: Pytest) -> None:
    result = run(bad="titel: T\n", good=PROGRAM)
    assert counts(result) == {"errors": 1, "passed": 1}
    result.stdout.fnmatch_lines(["bad.scenario.yaml:1:1: titel: there is no such key", "*the key 'program' is missing"])


def test_a_program_that_cannot_run_to_its_end_is_one_error_and_the_rest_is_skipped(run: Pytest) -> None:
    result = run("-rs", endless=ENDLESS)
    assert counts(result) == {"errors": 1, "skipped": 2}
    result.stdout.fnmatch_lines(
        [
            "endless.scenario.yaml:4: the program needs more than 10 events",
            "*the scenario cannot run: see endless.scenario.yaml::end:w.grad",
        ]
    )
    assert counts(run("-k", "v and not w")) == {"errors": 1, "deselected": 2}


def test_a_program_that_is_not_allowed_names_its_place_in_the_file(run: Pytest) -> None:
    result = run(bad="title: T\nprogram: |\n  import os\n")
    assert counts(result) == {"errors": 1}
    result.stdout.fnmatch_lines(["bad.scenario.yaml:3:*"])


def test_the_name_of_a_test_is_one_line_without_control_characters(run: Pytest) -> None:
    result = run("-v", strange=STRANGE)
    assert counts(result) == {"passed": 1, "failed": 2}
    text = result.stdout.str()
    assert "end:w_[31m_::error::q FAILED" in text
    assert not [line for line in result.outlines if line.lstrip().startswith("::")]
    assert "\x1b" not in text
    assert "\x07" not in text


def test_a_text_of_the_program_cannot_steer_the_terminal(run: Pytest) -> None:
    result = run(leaf=PROGRAM + "  print('\\x1b[2J')\nexpect:\n  - {printed: 'never'}\n")
    assert counts(result) == {"failed": 1, "passed": 1}
    assert "\x1b" not in result.stdout.str()
    assert "\\x1b[2J" in result.stdout.str()


def test_yaml_files_below_a_folder_of_the_ini_option_are_scenarios_and_others_are_not(
    run: Pytest, pytester: pytest.Pytester
) -> None:
    pytester.makeini("[pytest]\ngradb_scenarios = runs\n")
    for folder in ("runs/deep", "other"):
        (pytester.path / folder).mkdir(parents=True)
        (pytester.path / folder / "s.yaml").write_text(PROGRAM)
    (pytester.path / "runs" / "notes.yml").write_text("x: 1\n")
    result = run("--collect-only", "-q")
    assert [line for line in result.outlines if "::" in line] == ["runs/deep/s.yaml::ends"]


def test_a_test_is_called_by_the_name_that_chooses_it(run: Pytest) -> None:
    result = run("-v", leaf=PROGRAM + FAILING)
    result.stdout.fnmatch_lines(
        ["leaf.scenario.yaml::line2:w.is_leaf PASSED*", "leaf.scenario.yaml::end:w.grad FAILED*"]
    )
    result.stdout.fnmatch_lines(["*_ leaf.scenario.yaml: end:w.grad _*"])


def test_tests_are_chosen_by_their_words(run: Pytest) -> None:
    assert counts(run("-k", "w.grad", leaf=PROGRAM + FAILING)) == {"failed": 1, "deselected": 5}
    assert counts(run("leaf.scenario.yaml::step1:order")) == {"passed": 1}


def test_the_last_failures_run_again(run: Pytest, pytester: pytest.Pytester) -> None:
    words = ("-p", "cacheprovider", "-o", "cache_dir=kept")
    assert counts(run(*words, leaf=PROGRAM + FAILING)) == {"failed": 1, "passed": 5}
    write(pytester, leaf=PROGRAM + EXPECT)
    assert counts(run(*words, "--lf")) == {"passed": 1}


def test_the_junit_file_names_each_expectation_and_its_line(run: Pytest, pytester: pytest.Pytester) -> None:
    run("--junitxml=out.xml", "-o", "junit_family=xunit1", leaf=PROGRAM + FAILING)
    cases = {case.get("name"): case for case in ET.parse(pytester.path / "out.xml").iter("testcase")}
    assert len(cases) == 6
    assert cases["end:w.grad"].get("file") == "leaf.scenario.yaml"
    assert cases["end:w.grad"].get("line") == "9"
    failure = cases["end:w.grad"].find("failure")
    assert failure is not None
    assert "expected [4.0], is [3.0]" in failure.get("message", "")


def test_workers_share_the_tests_and_each_runs_the_program_itself(pytester: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    write(pytester, one=PROGRAM + FAILING, two=PROGRAM + EXPECT)
    result = pytester.runpytest_subprocess("-n", "2", "--dist", "load", "-p", "no:asyncio", "-p", "no:syrupy")
    assert counts(result) == {"failed": 1, "passed": 11}
    result.stdout.fnmatch_lines(["expected [[]4.0], is [[]3.0] (1 away)"])


def test_verify_is_skipped_and_says_so_where_pytorch_is_missing(run: Pytest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    result = run("--gradb-verify", "-rs", leaf=PROGRAM + EXPECT)
    assert counts(result) == {"passed": 6, "skipped": 1}
    result.stdout.fnmatch_lines(["SKIPPED*PyTorch is not installed: pip install 'gradb[[]parity]'"])


def test_a_project_without_scenarios_loads_nothing_of_the_engine(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import sys

        def test_nothing_is_loaded():
            loaded = [name for name in sys.modules if name.split(".")[0] in ("gradb", "numpy")]
            assert loaded == ["gradb", "gradb.pytest_plugin"]
        """
    )
    (pytester.path / "conf.yaml").write_text("x: 1\n")
    result = pytester.runpytest_subprocess("-p", "no:syrupy", "-p", "no:hypothesispytest", "-p", "no:asyncio")
    assert counts(result) == {"passed": 1}
