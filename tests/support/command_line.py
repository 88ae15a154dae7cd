"""Running the command line in this process: `Gradb(folder, monkeypatch, capfd)("replay", "leaf")` gives a Result."""

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from gradb_tui.cli import main


@dataclass(frozen=True)
class Result:
    """What a command did."""

    code: int
    out: str
    err: str


class Gradb:
    """Runs the command in a folder of its own and without a terminal."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.monkeypatch = monkeypatch
        self.capfd = capfd
        monkeypatch.chdir(folder)

    def __call__(self, *words: str) -> Result:
        self.monkeypatch.setattr(sys, "argv", ["gradb", *words])
        with pytest.raises(SystemExit) as end:
            main()
        sys.stdout.flush()
        out, err = self.capfd.readouterr()
        code = end.value.code
        return Result(code if isinstance(code, int) else 0, out, err)

    def write(self, name: str, text: str) -> str:
        """Writes a file into the folder and returns its name."""
        (self.folder / name).write_text(text)
        return name
