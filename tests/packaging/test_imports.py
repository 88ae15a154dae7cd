"""What each part loads: the core no terminal library, the command's help neither Textual nor numpy."""

import ast
import json
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

TERMINAL = {"textual", "rich", "typer", "textual_plot", "gradb_tui"}

IMPORT_ALL_OF_GRADB = """
import importlib, pkgutil, gradb
for module in pkgutil.walk_packages(gradb.__path__, "gradb."):
    importlib.import_module(module.name)
"""

ASK_FOR_HELP = """
import sys
from gradb_tui.cli import main
sys.argv = ["gradb", *{words}]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def _loaded_by(program: str) -> set[str]:
    """The top-level modules that are loaded after a program ran in a process of its own."""
    tell = "\nimport json, sys\nprint('\\n' + json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", program + tell], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_no_module_of_the_core_loads_a_terminal_library() -> None:
    loaded = _loaded_by(IMPORT_ALL_OF_GRADB)
    assert "gradb" in loaded
    assert loaded & TERMINAL == set()


def test_import_gradb_does_not_load_torch() -> None:
    assert "torch" not in _loaded_by(IMPORT_ALL_OF_GRADB)


@pytest.mark.parametrize(
    "words", [("--help",), ("run", "--help"), ("replay", "--help"), ("export", "--help"), ("--version",)]
)
def test_help_loads_neither_textual_nor_numpy(words: tuple[str, ...]) -> None:
    assert _loaded_by(ASK_FOR_HELP.format(words=words)) & {"textual", "textual_plot", "numpy", "torch"} == set()


def test_replay_loads_no_textual() -> None:
    assert "textual" not in _loaded_by(ASK_FOR_HELP.format(words=["replay", "leaf", "--quiet"]))


def _imported(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


def test_the_source_imports_what_pyproject_declares_and_no_more(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    declared = {requirement.split(">")[0] for requirement in project["dependencies"]}
    extras = [named for name, named in project["optional-dependencies"].items() if name != "dev"]
    optional = {requirement.split(">")[0] for named in extras for requirement in named}
    sources = [path for folder in ("core", "tui") for path in (root / folder).rglob("*.py")]
    imported = set[str]().union(*map(_imported, sources)) - set(sys.stdlib_module_names)
    owners = packages_distributions()
    # pytest is no dependency: it loads itself what needs it.
    needed = {owners.get(name, [name])[0] for name in imported - {"gradb", "gradb_tui", "pytest"}}
    assert needed - optional == declared
