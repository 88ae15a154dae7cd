"""What the wheel and the source archive hold."""

import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("packaging")

CACHES = {"__pycache__"}


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text())


def _packages_below(source: Path, name: str) -> list[str]:
    """The packages in a folder, that folder's own `name` first."""
    inits = sorted(source.rglob("__init__.py"))
    return [".".join((name, *init.parent.relative_to(source).parts)) for init in inits]


def test_pyproject_names_every_package_that_the_folders_hold(root: Path, project: dict[str, Any]) -> None:
    folders = project["tool"]["setuptools"]["package-dir"]
    found = [package for name, folder in folders.items() for package in _packages_below(root / folder, name)]
    assert sorted(project["tool"]["setuptools"]["packages"]) == sorted(found)


def test_every_module_lies_in_a_package(root: Path) -> None:
    modules = [path for folder in ("core/gradb", "tui/gradb_tui") for path in (root / folder).rglob("*.py")]
    assert [path for path in modules if not (path.parent / "__init__.py").exists()] == []


def test_the_wheel_holds_the_two_packages_and_nothing_else_at_top_level(wheel_files: set[str]) -> None:
    assert {name.split("/")[0] for name in wheel_files} == {"gradb", "gradb_tui", "gradb-0.1.0.dist-info"}


def test_the_wheel_holds_every_module_and_data_file_of_the_source(root: Path, wheel_files: set[str]) -> None:
    expected = {
        f"{name}/{path.relative_to(root / folder)}"
        for name, folder in (("gradb", "core/gradb"), ("gradb_tui", "tui/gradb_tui"), ("gradb/scenarios", "scenarios"))
        for path in (root / folder).rglob("*")
        if path.is_file() and not CACHES & set(path.parts)
    }
    assert {name for name in wheel_files if ".dist-info/" not in name} == expected


def test_the_wheel_holds_the_bundled_scenarios(wheel_files: set[str]) -> None:
    bundled = {"gradb/scenarios/leaf.yaml", "gradb/scenarios/requires_grad.yaml", "gradb/scenarios/regression.yaml"}
    assert bundled <= wheel_files


def test_the_wheel_says_that_it_is_typed_and_holds_the_licence(wheel_files: set[str]) -> None:
    assert {"gradb/py.typed", "gradb_tui/py.typed", "gradb-0.1.0.dist-info/licenses/LICENSE"} <= wheel_files


def test_the_source_archive_builds_the_same_wheel(wheel_files: set[str], wheel_from_sdist: Path) -> None:
    assert set(zipfile.ZipFile(wheel_from_sdist).namelist()) == wheel_files


def test_the_source_archive_holds_the_documentation_in_both_languages(root: Path, sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    pages = {str(page.relative_to(root)) for page in (root / "docs").iterdir() if page.suffix in (".md", ".svg")}
    assert {"README.md", "README.zh.md", "CONTRIBUTING.md", *pages} <= names
