"""The pages in `docs/`: their generated parts are up to date, their examples do what they say, their links lead on."""

import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from docpages import pages, refresh
from document_blocks import Block, blocks, compare, write_file
from documents import run_python
from gradb.scenario import language
from gradb.scenario.expectations import check
from gradb.scenario.loader import load
from gradb.scenario.runner import start
from gradb_tui.cli import main
from gradb_tui.keys.custom import with_keys

ROOT = Path(__file__).parents[2]
NAMED = ("scenario-format.md", "keys.md", "course.md", "course.zh.md", "python-api.md")
PAGES = [ROOT / "docs" / name for name in (*NAMED, "scripts.md")]
WRITTEN = [*sorted((ROOT / "docs").glob("*.md")), *map(ROOT.joinpath, ("README.md", "README.zh.md", "CONTRIBUTING.md"))]


def _name(page: Path) -> str:
    return page.name


class Command:
    """`gradb` in this process, in a folder of its own; gives what it says on both streams."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.capfd = capfd
        monkeypatch.chdir(folder)
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
            monkeypatch.setenv(name, str(folder / name))
        monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def __call__(self, words: list[str]) -> str:
        assert words[0] == "gradb", f"an example runs {words[0]!r}"
        self.monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit):
            main()
        sys.stdout.flush()
        language.use("en")
        return "".join(self.capfd.readouterr())


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    return Command(tmp_path, monkeypatch, capfd)


@pytest.mark.parametrize("page", pages(), ids=_name)
def test_the_generated_parts_of_a_page_are_what_the_code_says(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == refresh(text), "`make docs` writes the page anew"


def test_the_pages_have_generated_parts() -> None:
    assert set(NAMED) <= {page.name for page in pages()}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_examples_of_a_page_do_what_it_says(page: Path, command: Command, tmp_path: Path) -> None:
    found = blocks(page)
    assert found
    names: dict[str, Any] = {}
    for block in found:
        if block.language == "python" and block.name:
            write_file(block, tmp_path)
        elif block.language in ("python", "pycon"):
            run_python(block, names, page)
        else:
            _try(block, command, tmp_path)


def _try(block: Block, command: Command, folder: Path) -> None:
    """A file is written, and a whole scenario replayed as well; commands are run."""
    match block.language:
        case "console":
            compare(block, command)
        case "yaml":
            assert block.name, f"line {block.line}: a scenario needs the name of a file"
            file = write_file(block, folder)
            if not block.name.startswith("wrong"):
                run = start(load(file))
                run.run()
                assert [verdict for verdict in check(run.scenario, run.trace) if not verdict.holds] == [], block.name
        case "toml":
            with_keys(tomllib.loads(block.text))
        case "csv":
            write_file(block, folder)
        case "sh":
            assert block.name == "", "these are commands to read, such as those of tmux"
        case other:
            pytest.fail(f"line {block.line}: nothing tries examples in {other}")


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_python_of_a_readme_runs(name: str) -> None:
    page = ROOT / name
    found = [block for block in blocks(page) if block.language == "python"]
    assert found
    for block in found:
        run_python(block, {}, page)


@pytest.mark.parametrize("page", WRITTEN, ids=_name)
def test_a_link_to_a_file_leads_to_one(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=_name)
def test_every_gradb_command_that_a_page_names_exists(page: Path, command: Command) -> None:
    text = page.read_text("utf-8")
    shown = "\n".join(block.text for block in blocks(page))
    used = set(re.findall(r"^(?:\$ )?gradb(?: --lang \w+)? ([a-z]+)\b", shown, re.MULTILINE))
    used |= set(re.findall(r"`gradb(?: --lang \w+)? ([a-z]+)\b", text))
    known = set(re.findall(r"^  ([a-z]+) ", command(["gradb", "--help"]), re.MULTILINE))
    assert used - known == set()


def test_every_make_target_that_a_page_names_exists() -> None:
    used = {name for page in WRITTEN for name in re.findall(r"^make ([a-z]+)|`make ([a-z]+)", page.read_text("utf-8"))}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {name for pair in used for name in pair if name} - targets == set()


def test_the_first_screen_of_the_readme_is_short() -> None:
    for page in ("README.md", "README.zh.md"):
        before = (ROOT / page).read_text("utf-8").partition("\n## ")[0]
        assert len(before.splitlines()) <= 25


def test_the_readmes_have_the_same_parts() -> None:
    english, chinese = ((ROOT / page).read_text("utf-8") for page in ("README.md", "README.zh.md"))
    assert english.count("\n## ") == chinese.count("\n## ")
