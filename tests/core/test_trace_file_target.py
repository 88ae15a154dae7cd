"""Where a trace is written: over a link, beside links that others have put there, and never into what is no file."""

import os
from pathlib import Path

import pytest
from gradb.errors import UserError
from gradb.scenario.loader import parse
from gradb.scenario.runner import run
from gradb.trace.file.target import Target
from gradb.trace.file.trace import open_trace
from gradb.trace.file.writer import Writer
from hostile_traces import changed

SCENARIO = parse("title: New\nprogram: |\n  import torch\n  x = torch.ones(1)\n", "new.yaml")


def title(path: Path) -> str:
    trace = open_trace(path)
    trace.close()
    return trace.header.title


def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path: Path) -> None:
    real = changed(tmp_path)
    real.chmod(0o640)
    folder = tmp_path / "folder"
    folder.mkdir()
    link = folder / "link.gradb"
    link.symlink_to(real)
    run(SCENARIO, save=link)
    assert link.is_symlink()
    assert title(real) == "New"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["folder", "hostile.gradb", "link.gradb"]


def test_a_link_to_nothing_makes_the_file_that_it_leads_to(tmp_path: Path) -> None:
    link = tmp_path / "link.gradb"
    link.symlink_to(tmp_path / "made.gradb")
    run(SCENARIO, save=link)
    assert link.is_symlink()
    assert title(tmp_path / "made.gradb") == "New"


def test_a_link_that_somebody_has_put_beside_a_trace_is_not_followed(tmp_path: Path) -> None:
    path = changed(tmp_path)
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    trap = tmp_path / f"hostile.{os.getpid()}.part.gradb"
    trap.symlink_to(victim)
    run(SCENARIO, save=path)
    assert victim.read_bytes() == b"mine"
    assert trap.is_symlink()
    assert title(path) == "New"


def test_a_new_trace_of_a_private_one_is_private_while_it_is_written(tmp_path: Path) -> None:
    path = changed(tmp_path)
    path.chmod(0o600)
    target = Target(path)
    assert target.path != path
    assert target.path.stat().st_mode & 0o777 == 0o600
    target.abandon()
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_devices_pipes_and_links_in_a_circle_are_left_alone(tmp_path: Path) -> None:
    pipe, circle = tmp_path / "pipe.gradb", tmp_path / "circle.gradb"
    os.mkfifo(pipe)
    circle.symlink_to(circle)
    before = sorted(os.listdir("/dev"))
    for path in (pipe, circle, Path(os.devnull)):
        with pytest.raises(UserError):
            run(SCENARIO, save=path)
    assert Path(os.devnull).is_char_device()
    assert sorted(os.listdir("/dev")) == before


def test_where_nothing_can_be_written_no_part_of_a_new_trace_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = changed(tmp_path)
    monkeypatch.setattr(Writer, "setting", "PRAGMA max_page_count = 1")
    with pytest.raises(UserError, match="cannot be written"):
        run(SCENARIO, save=path)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert title(path) == "Hostile"
