"""The page on CI: what its examples say is what happens, and its files are what pre-commit and GitHub read."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Gradb
from document_blocks import Block, blocks, compare
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "ci.md"
WORKFLOW = ".github/workflows/scenarios.yml"
OTHERS = [word for name in ("asyncio", "syrupy", "hypothesispytest") for word in ("-p", f"no:{name}")]


class Shell:
    """Runs `gradb` in this process and `pytest` in one of its own, in the folder of the examples."""

    def __init__(self, gradb: Gradb) -> None:
        self.gradb = gradb
        self.code = 0

    def __call__(self, words: list[str]) -> str:
        if words[0] == "gradb":
            done = self.gradb(*words[1:])
            self.code = done.code
            return done.out + done.err
        assert words[0] == "pytest", f"an example runs {words[0]!r}"
        command = [sys.executable, "-m", "pytest", *OTHERS, *words[1:]]
        environment = {**os.environ, "COLUMNS": "80"}
        ran = subprocess.run(
            command, cwd=self.gradb.folder, env=environment, capture_output=True, text=True, check=False
        )
        self.code = ran.returncode
        return ran.stdout + ran.stderr


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Shell:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "golden").mkdir()
    return Shell(Gradb(tmp_path, monkeypatch, capfd))


def _named(name: str) -> Block:
    (found,) = [block for block in blocks(PAGE) if block.name == name]
    return found


def _read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _write(block: Block, folder: Path) -> None:
    file = folder / block.name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text, "utf-8")


def test_the_examples_of_the_page_say_what_it_shows(shell: Shell) -> None:
    for block in blocks(PAGE):
        if block.language == "console":
            compare(block, shell)
        elif block.name.endswith(".scenario.yaml"):
            _write(block, shell.gradb.folder)


def test_each_command_of_the_workflow_succeeds(shell: Shell) -> None:
    _write(_named("fit.scenario.yaml"), shell.gradb.folder)
    shell(["gradb", "diff", "golden/fit.gradb", "fit.scenario.yaml", "--update"])
    (job,) = _read(_named(WORKFLOW).text)["jobs"].values()
    commands = [shlex.split(step["run"]) for step in job["steps"] if "run" in step]
    assert [words[0] for words in commands] == ["pip", "gradb", "gradb", "pytest"]
    for words in commands[1:]:
        said = shell(words)
        assert shell.code == 0, said
    (artifact,) = [step["with"]["path"] for step in job["steps"] if "upload-artifact" in step.get("uses", "")]
    assert (shell.gradb.folder / artifact).exists()


def test_the_workflow_is_one_and_pins_its_actions() -> None:
    text = _named(WORKFLOW).text
    assert set(_read(text)) >= {"name", "jobs"}
    assert re.search(r"^on: ", text, re.MULTILINE)
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", name) for name in re.findall(r"uses: (\S+)", text))


def test_the_hook_runs_on_the_scenarios_of_a_commit(shell: Shell) -> None:
    (hook,) = _read((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert {"id", "name", "entry", "language"} <= set(hook)
    _write(_named("fit.scenario.yaml"), shell.gradb.folder)
    _write(_named("wrong.scenario.yaml"), shell.gradb.folder)
    names = ["fit.scenario.yaml", "wrong.scenario.yaml", "deep/x.scenario.yaml", "x.yaml", "xscenario.yaml"]
    chosen = [name for name in names if re.search(hook["files"], name)]
    assert chosen == names[:3]
    shell([*shlex.split(hook["entry"]), "fit.scenario.yaml"])
    assert shell.code == 0
    shell([*shlex.split(hook["entry"]), *chosen[:2]])
    assert shell.code == 1


def test_the_pre_commit_example_names_the_hook_that_there_is() -> None:
    (hook,) = _read((ROOT / ".pre-commit-hooks.yaml").read_text())
    (repository,) = _read(_named(".pre-commit-config.yaml").text)["repos"]
    assert [used["id"] for used in repository["hooks"]] == [hook["id"]]


def test_the_ini_option_of_the_page_collects_a_folder(shell: Shell) -> None:
    _write(_named("pyproject.toml"), shell.gradb.folder)
    (shell.gradb.folder / "lessons").mkdir()
    (shell.gradb.folder / "lessons" / "one.yaml").write_text(_named("fit.scenario.yaml").text)
    assert "lessons/one.yaml::ends" in shell(["pytest", "--collect-only", "-q"])


def test_the_options_that_the_page_names_exist(shell: Shell) -> None:
    known = shell(["gradb", "replay", "--help"]) + shell(["gradb", "diff", "--help"]) + shell(["pytest", "--help"])
    used = set(re.findall(r"`(?:gradb diff .*)?(--?[a-z][\w-]*)", PAGE.read_text("utf-8")))
    assert used >= {"--quiet", "--junit", "--github", "--json", "--gradb-verify", "--update", "--rtol", "--atol"}
    assert {option for option in used if option not in known} == set()
