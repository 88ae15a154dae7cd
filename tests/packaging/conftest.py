"""The built wheel and sdist, and gradb installed from the wheel: each made once, in a folder of its own, offline."""

import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = (
    "pyproject.toml", "MANIFEST.in", "README.md", "README.zh.md", "CONTRIBUTING.md", "LICENSE",
    "core", "tui", "scenarios", "docs",
)  # fmt: skip

Run = Callable[..., subprocess.CompletedProcess[str]]


def _build(source: Path, out: Path, kind: str) -> Path:
    command = [sys.executable, "-m", "build", "--no-isolation", f"--{kind}", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.iterdir()
    return built


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is packaged, so that a build neither finds nor leaves anything in the repository."""
    tree = tmp_path_factory.mktemp("tree")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tree / name)
    return tree


@pytest.fixture(scope="session")
def wheel(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the tree."""
    return _build(tree, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="session")
def sdist(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source archive built from the tree."""
    return _build(tree, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="session")
def wheel_from_sdist(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from what the source archive holds."""
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (source,) = unpacked.iterdir()
    return _build(source, tmp_path_factory.mktemp("rebuilt"), "wheel")


@pytest.fixture(scope="session")
def wheel_files(wheel: Path) -> set[str]:
    """The names of the files in the wheel."""
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel alone; what it depends on is borrowed from this one."""
    home = tmp_path_factory.mktemp("installed")
    venv.create(home)
    bin_ = home / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(bin_ / "python"), "install", "--no-deps", "--no-index"]
    done = subprocess.run([*pip, "--quiet", str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    # A folder named in a .pth file is searched, but its own .pth files are not read: the editable gradb stays out.
    (site,) = home.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return bin_


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command in an empty folder, with an environment that leads to no source tree."""

    def run(*command: str | Path, folder: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8"}
        return subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
