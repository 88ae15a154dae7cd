"""gradb installed from its wheel into an empty environment, and run from any folder."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("packaging")

Run = Callable[..., subprocess.CompletedProcess[str]]


def test_gradb_says_its_version(installed: Path, run: Run) -> None:
    done = run(installed / "gradb", "--version")
    assert (done.returncode, done.stdout.split()) == (0, ["gradb", "0.1.0"]), done.stderr


def test_gradb_lists_the_bundled_scenarios(installed: Path, run: Run) -> None:
    done = run(installed / "gradb", "list")
    assert done.returncode == 0, done.stderr
    assert {"leaf", "requires_grad", "regression"} <= set(done.stdout.split())


def test_gradb_replays_a_bundled_scenario_without_a_terminal(installed: Path, run: Run) -> None:
    done = run(installed / "gradb", "replay", "leaf", "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr


def test_gradb_works_in_a_folder_that_has_the_names_of_its_source(installed: Path, run: Run, tmp_path: Path) -> None:
    for name in ("core", "tui", "scenarios", "gradb"):
        (tmp_path / name).mkdir()
    done = run(installed / "gradb", "replay", "leaf", "--quiet", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_gradb_comes_from_the_wheel_and_not_from_the_repository(installed: Path, run: Run) -> None:
    show = "import gradb, gradb_tui, gradb.scenarios as s; print(gradb.__file__, gradb_tui.__file__, s.__file__)"
    done = run(installed / "python", "-c", show)
    assert done.returncode == 0, done.stderr
    assert all(Path(file).is_relative_to(installed.parent) for file in done.stdout.split())


@pytest.mark.parametrize("name", ["core", "tui", "scenarios"])
def test_no_folder_of_the_source_is_an_importable_name(installed: Path, run: Run, name: str) -> None:
    done = run(installed / "python", "-c", f"import {name}")
    assert f"ModuleNotFoundError: No module named '{name}'" in done.stderr
