"""The pytest plugin: scenario files become tests, one for each expectation (`pytest` finds it, nothing to set up).

Files called `*.scenario.yaml` are collected, and every `.yaml` below the folders of the ini option `gradb_scenarios`.
What runs them is loaded with the first of these files, so that a project without scenarios pays nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from gradb.testing.collecting import ScenarioFile


def pytest_addoption(parser: "pytest.Parser") -> None:
    """Adds `--gradb-verify` and `gradb_scenarios`."""
    group = parser.getgroup("gradb", "scenarios of gradb")
    group.addoption(
        "--gradb-verify",
        action="store_true",
        help="run each scenario on PyTorch too and compare every event; skipped where PyTorch is missing",
    )
    parser.addini(
        "gradb_scenarios", "folders of which every .yaml file is a scenario (*.scenario.yaml is one anywhere)", "paths"
    )


def pytest_collect_file(file_path: Path, parent: "pytest.Collector") -> "ScenarioFile | None":
    """The tests of a scenario file, None for any other file."""
    if file_path.suffix != ".yaml" or not _is_scenario(file_path, parent.config):
        return None
    from gradb.testing.collecting import ScenarioFile

    return ScenarioFile.from_parent(parent, path=file_path)


def _is_scenario(file_path: Path, config: "pytest.Config") -> bool:
    if file_path.name.endswith(".scenario.yaml"):
        return True
    return any(folder in file_path.parents for folder in config.getini("gradb_scenarios"))
